//! AMF3, as far as it is met inside AMF0: one value after the marker 0x11.
//!
//! Flash and AIR clients send commands with it, OBS before 30.2 its second audio track. Nothing here
//! writes it. Values are mapped onto AMF0's, and references are resolved, so that the rest of the
//! program knows one kind of value. The tables start empty at each value.

use super::amf0::{Error, Value};

/// Reads one AMF3 value under the bounds that are left to the AMF0 decoder around it.
#[derive(Debug)]
pub struct Decoder<'a> {
    rest: &'a [u8],
    depth: usize,
    values: usize,
    strings: Vec<String>,
    /// Containers by reference; copies count against the bound on values.
    objects: Vec<Value>,
    /// `None` for those too long to be given again.
    traits: Vec<Option<Traits>>,
}

#[derive(Debug, Clone)]
struct Traits {
    class: String,
    members: Vec<String>,
    dynamic: bool,
}

impl<'a> Decoder<'a> {
    /// A decoder for the value at the start of `bytes`.
    pub fn new(bytes: &'a [u8], depth: usize, values: usize) -> Self {
        Self { rest: bytes, depth, values, strings: Vec::new(), objects: Vec::new(), traits: Vec::new() }
    }

    /// The bytes not read and the values still allowed.
    pub fn into_rest(self) -> (&'a [u8], usize) {
        (self.rest, self.values)
    }

    /// Reads the value.
    ///
    /// # Errors
    /// Any [`Error`].
    pub fn decode(&mut self) -> Result<Value, Error> {
        self.values = self.values.checked_sub(1).ok_or(Error::Count)?;
        match self.u8()? {
            0x00 => Ok(Value::Undefined),
            0x01 => Ok(Value::Null),
            0x02 => Ok(Value::Boolean(false)),
            0x03 => Ok(Value::Boolean(true)),
            0x04 => Ok(Value::Number(f64::from(sign_extend(self.u29()?)))),
            0x05 => Ok(Value::Number(self.f64()?)),
            0x06 => Ok(Value::String(self.string()?)),
            0x07 | 0x0b => self.by_reference(|decoder, len| Ok(Value::Xml(decoder.text(len)?))),
            0x08 => self.by_reference(|decoder, _| Ok(Value::Date { millis: decoder.f64()?, zone: 0 })),
            0x09 => self.by_reference(Self::array),
            0x0a => self.object(),
            0x0c => self.by_reference(|decoder, len| Ok(Value::ByteArray(decoder.take(len)?.to_vec()))),
            marker => Err(Error::Marker(marker)),
        }
    }

    /// Reads the number that is either a reference or, for a new value, its length.
    fn by_reference(
        &mut self,
        read: impl FnOnce(&mut Self, u32) -> Result<Value, Error>,
    ) -> Result<Value, Error> {
        let header = self.u29()?;
        if header & 1 == 0 {
            return self.referenced(header >> 1);
        }
        let index = self.reserve();
        let value = self.nested(|decoder| read(decoder, header >> 1))?;
        self.keep(index, &value);
        Ok(value)
    }

    fn referenced(&self, index: u32) -> Result<Value, Error> {
        // Only simple values are given again: copying a container could grow without bound.
        let value = usize::try_from(index).ok().and_then(|index| self.objects.get(index));
        value.cloned().ok_or(Error::Reference)
    }

    fn reserve(&mut self) -> usize {
        self.objects.push(Value::Undefined);
        self.objects.len() - 1
    }

    /// Remembers a value for references, unless it is a container or long: those are given again as
    /// undefined, so that no message grows by being repeated.
    fn keep(&mut self, index: usize, value: &Value) {
        let small = match value {
            Value::Date { .. } => true,
            Value::Xml(text) => text.len() <= 64,
            _ => false,
        };
        if let (true, Some(slot)) = (small, self.objects.get_mut(index)) {
            *slot = value.clone();
        }
    }

    fn array(&mut self, count: u32) -> Result<Value, Error> {
        let named = self.dynamic_members()?;
        let mut values = Vec::new();
        for _ in 0..count {
            values.push(self.decode()?);
        }
        if named.is_empty() {
            return Ok(Value::StrictArray(values));
        }
        let numbered = values.into_iter().enumerate().map(|(index, value)| (index.to_string(), value));
        Ok(Value::EcmaArray(named.into_iter().chain(numbered).collect()))
    }

    fn object(&mut self) -> Result<Value, Error> {
        let header = self.u29()?;
        if header & 1 == 0 {
            return self.referenced(header >> 1);
        }
        self.reserve();
        let traits = self.traits(header >> 1)?;
        self.nested(|decoder| {
            let mut properties = Vec::new();
            for name in traits.members {
                properties.push((name, decoder.decode()?));
            }
            if traits.dynamic {
                properties.extend(decoder.dynamic_members()?);
            }
            if traits.class.is_empty() {
                return Ok(Value::Object(properties));
            }
            Ok(Value::TypedObject { class: traits.class, properties })
        })
    }

    fn traits(&mut self, header: u32) -> Result<Traits, Error> {
        if header & 1 == 0 {
            let index = usize::try_from(header >> 1).map_err(|_| Error::Reference)?;
            return self.traits.get(index).cloned().flatten().ok_or(Error::Reference);
        }
        if header & 2 != 0 {
            // Externalizable: its body is the class's own business, so nothing after it can be read.
            return Err(Error::Marker(0x0a));
        }
        let class = self.string()?;
        let mut members = Vec::new();
        for _ in 0..header >> 3 {
            self.values = self.values.checked_sub(1).ok_or(Error::Count)?;
            members.push(self.string()?);
        }
        let traits = Traits { class, members, dynamic: header & 4 != 0 };
        let len = traits.members.iter().fold(traits.class.len(), |len, name| len + name.len());
        self.traits.push((len <= MAX_REPEATED).then(|| traits.clone()));
        Ok(traits)
    }

    fn dynamic_members(&mut self) -> Result<Vec<(String, Value)>, Error> {
        let mut members = Vec::new();
        loop {
            let name = self.string()?;
            if name.is_empty() {
                return Ok(members);
            }
            members.push((name, self.decode()?));
        }
    }

    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        self.depth = self.depth.checked_sub(1).ok_or(Error::Depth)?;
        let result = read(self);
        self.depth += 1;
        result
    }

    fn string(&mut self) -> Result<String, Error> {
        let header = self.u29()?;
        if header & 1 == 0 {
            let index = usize::try_from(header >> 1).map_err(|_| Error::Reference)?;
            return self.strings.get(index).cloned().ok_or(Error::Reference);
        }
        let text = self.text(header >> 1)?;
        // Only short strings can be referred to, so that references cannot multiply a message.
        if !text.is_empty() {
            self.strings.push(if text.len() <= MAX_REPEATED { text.clone() } else { String::new() });
        }
        Ok(text)
    }

    fn text(&mut self, len: u32) -> Result<String, Error> {
        Ok(String::from_utf8_lossy(self.take(len)?).into_owned())
    }

    fn take(&mut self, len: u32) -> Result<&'a [u8], Error> {
        let len = usize::try_from(len).map_err(|_| Error::Truncated)?;
        let (taken, rest) = self.rest.split_at_checked(len).ok_or(Error::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    fn u8(&mut self) -> Result<u8, Error> {
        let (first, rest) = self.rest.split_first().ok_or(Error::Truncated)?;
        self.rest = rest;
        Ok(*first)
    }

    fn f64(&mut self) -> Result<f64, Error> {
        let (taken, rest) = self.rest.split_first_chunk::<8>().ok_or(Error::Truncated)?;
        self.rest = rest;
        Ok(f64::from_be_bytes(*taken))
    }

    /// Seven bits a byte, the top bit saying that another follows; the fourth byte gives all eight.
    fn u29(&mut self) -> Result<u32, Error> {
        let mut number = 0;
        for _ in 0..3 {
            let byte = self.u8()?;
            number = number << 7 | u32::from(byte & 0x7f);
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Ok(number << 8 | u32::from(self.u8()?))
    }
}

/// Bytes of the longest text that references repeat: a thousand of them stay below a megabyte.
const MAX_REPEATED: usize = 512;

/// AMF3's integers have 29 bits, two's complement.
fn sign_extend(number: u32) -> i32 {
    (number << 3).cast_signed() >> 3
}

#[cfg(test)]
mod tests;

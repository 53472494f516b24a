//! Reads AMF0.

use super::{
    AVM_PLUS, BOOLEAN, DATE, ECMA_ARRAY, Error, LIMITS, LONG_STRING, NULL, NUMBER, OBJECT, OBJECT_END,
    REFERENCE, STRICT_ARRAY, STRING, TYPED_OBJECT, UNDEFINED, UNSUPPORTED, Value, XML,
};
use crate::rtmp::amf3;

/// Reads all values of a message. What follows a value that cannot be read is given up, and so is
/// the value: the values before it are kept, since what matters in a command comes first.
///
/// # Errors
/// Only when a bound is passed: [`Error::Depth`] and [`Error::Count`] are attacks, not habits.
pub fn decode_all(bytes: &[u8]) -> Result<Vec<Value>, Error> {
    let mut decoder = Decoder::new(bytes);
    let mut values = Vec::new();
    while !decoder.is_empty() {
        match decoder.decode() {
            Ok(value) => values.push(value),
            Err(error @ (Error::Depth | Error::Count)) => return Err(error),
            Err(Error::Truncated | Error::Marker(_) | Error::Reference) => break,
        }
    }
    Ok(values)
}

/// Reads values one by one.
#[derive(Debug)]
pub struct Decoder<'a> {
    rest: &'a [u8],
    depth: usize,
    values: usize,
}

impl<'a> Decoder<'a> {
    /// A decoder under [`LIMITS`].
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, depth: LIMITS.depth, values: LIMITS.values }
    }

    /// Whether all was read.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Reads the next value.
    ///
    /// # Errors
    /// Any [`Error`]; the decoder is of no use afterwards.
    pub fn decode(&mut self) -> Result<Value, Error> {
        self.values = self.values.checked_sub(1).ok_or(Error::Count)?;
        match self.u8()? {
            NUMBER => Ok(Value::Number(self.f64()?)),
            BOOLEAN => Ok(Value::Boolean(self.u8()? != 0)),
            STRING => Ok(Value::String(self.name()?)),
            OBJECT => Ok(Value::Object(self.properties()?)),
            NULL => Ok(Value::Null),
            UNDEFINED => Ok(Value::Undefined),
            REFERENCE => Ok(Value::Reference(self.u16()?)),
            ECMA_ARRAY => {
                self.u32()?;
                Ok(Value::EcmaArray(self.properties()?))
            }
            STRICT_ARRAY => self.strict_array(),
            DATE => Ok(Value::Date { millis: self.f64()?, zone: self.u16()?.cast_signed() }),
            LONG_STRING => Ok(Value::String(self.long_string()?)),
            UNSUPPORTED => Ok(Value::Unsupported),
            XML => Ok(Value::Xml(self.long_string()?)),
            TYPED_OBJECT => Ok(Value::TypedObject { class: self.name()?, properties: self.properties()? }),
            AVM_PLUS => {
                let mut decoder = amf3::Decoder::new(self.rest, self.depth, self.values);
                let value = decoder.decode()?;
                (self.rest, self.values) = decoder.into_rest();
                Ok(value)
            }
            marker => Err(Error::Marker(marker)),
        }
    }

    fn properties(&mut self) -> Result<Vec<(String, Value)>, Error> {
        self.nested(|decoder| {
            let mut properties = Vec::new();
            // A message may end without the end marker; what came is kept.
            while !decoder.is_empty() {
                let name = decoder.name()?;
                if name.is_empty() && decoder.rest.first().is_none_or(|marker| *marker == OBJECT_END) {
                    decoder.rest = decoder.rest.get(1..).unwrap_or_default();
                    break;
                }
                properties.push((name, decoder.decode()?));
            }
            Ok(properties)
        })
    }

    fn strict_array(&mut self) -> Result<Value, Error> {
        let count = self.u32()?;
        self.nested(|decoder| {
            let mut values = Vec::new();
            for _ in 0..count {
                values.push(decoder.decode()?);
            }
            Ok(Value::StrictArray(values))
        })
    }

    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        self.depth = self.depth.checked_sub(1).ok_or(Error::Depth)?;
        let result = read(self);
        self.depth += 1;
        result
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], Error> {
        let (taken, rest) = self.rest.split_at_checked(len).ok_or(Error::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let (taken, rest) = self.rest.split_first_chunk::<N>().ok_or(Error::Truncated)?;
        self.rest = rest;
        Ok(*taken)
    }

    fn u8(&mut self) -> Result<u8, Error> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn u16(&mut self) -> Result<u16, Error> {
        self.array().map(u16::from_be_bytes)
    }

    fn u32(&mut self) -> Result<u32, Error> {
        self.array().map(u32::from_be_bytes)
    }

    fn f64(&mut self) -> Result<f64, Error> {
        self.array().map(f64::from_be_bytes)
    }

    fn name(&mut self) -> Result<String, Error> {
        let len = self.u16()?;
        Ok(String::from_utf8_lossy(self.take(usize::from(len))?).into_owned())
    }

    fn long_string(&mut self) -> Result<String, Error> {
        let len = usize::try_from(self.u32()?).map_err(|_| Error::Truncated)?;
        Ok(String::from_utf8_lossy(self.take(len)?).into_owned())
    }
}

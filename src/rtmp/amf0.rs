//! AMF0: the values in RTMP's commands and data messages.
//!
//! Strict about lengths, lenient about meaning. Counts are not trusted (OBS writes 20 into an array
//! of whatever size), a container may be cut off at the end of its message, strings need not be
//! UTF-8. Depth and number of values are bounded: a few kilobytes of nested arrays abort a process
//! whose decoder recurses without counting.

use std::fmt;

use bytes::{BufMut, BytesMut};

mod decode;

pub use decode::{Decoder, decode_all};

/// Bounds on what one message may hold.
pub const LIMITS: Limits = Limits { depth: 16, values: 1_024 };

/// See [`LIMITS`].
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Containers in containers.
    pub depth: usize,
    /// Values in all.
    pub values: usize,
}

/// Why bytes are no AMF0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The bytes end within a value.
    #[error("a value is cut off")]
    Truncated,
    /// A type marker that AMF0 or AMF3 does not have.
    #[error("unknown type marker {0:#04x}")]
    Marker(u8),
    /// More containers in containers than [`Limits::depth`].
    #[error("values are nested too deep")]
    Depth,
    /// More than [`Limits::values`].
    #[error("too many values in one message")]
    Count,
    /// An AMF3 reference to something that was not sent.
    #[error("a reference points nowhere")]
    Reference,
}

/// One value. Its `Debug` shows kinds and lengths, never contents: keys travel in strings.
#[derive(Clone, PartialEq)]
pub enum Value {
    /// Any number.
    Number(f64),
    /// True or false.
    Boolean(bool),
    /// Text, short or long.
    String(String),
    /// Named values, in order.
    Object(Vec<(String, Self)>),
    /// Named values, in order, sent with an untrustworthy count.
    EcmaArray(Vec<(String, Self)>),
    /// Values in order.
    StrictArray(Vec<Self>),
    /// Nothing.
    Null,
    /// Not even nothing.
    Undefined,
    /// The n-th container sent before.
    Reference(u16),
    /// Milliseconds since 1970, and a time zone that is ignored.
    Date {
        /// Milliseconds since 1970.
        millis: f64,
        /// Minutes; reserved.
        zone: i16,
    },
    /// What the sender could not express.
    Unsupported,
    /// An XML document's text.
    Xml(String),
    /// An object of a named class.
    TypedObject {
        /// The class.
        class: String,
        /// Its values.
        properties: Vec<(String, Self)>,
    },
    /// Raw bytes; only within AMF3.
    ByteArray(Vec<u8>),
}

impl Value {
    /// Text as a value.
    pub fn string(text: impl Into<String>) -> Self {
        Self::String(text.into())
    }

    /// An object of the given properties.
    pub fn object<const N: usize>(properties: [(&str, Self); N]) -> Self {
        Self::Object(properties.map(|(name, value)| (name.to_owned(), value)).into())
    }

    /// The text, of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The number, of a number.
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The named property of an object, array or typed object: peers use one for the other.
    pub fn property(&self, name: &str) -> Option<&Self> {
        let (Self::Object(properties) | Self::EcmaArray(properties) | Self::TypedObject { properties, .. }) =
            self
        else {
            return None;
        };
        properties.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// Appends the value in AMF0. A [`Value::ByteArray`] has no AMF0 form and becomes undefined.
    pub fn encode(&self, out: &mut BytesMut) {
        match self {
            Self::Number(number) => {
                out.put_u8(NUMBER);
                out.put_f64(*number);
            }
            Self::Boolean(flag) => out.extend_from_slice(&[BOOLEAN, u8::from(*flag)]),
            Self::String(text) => encode_string(text, out),
            Self::Object(properties) => {
                out.put_u8(OBJECT);
                encode_properties(properties, out);
            }
            Self::EcmaArray(properties) => {
                out.put_u8(ECMA_ARRAY);
                out.put_u32(wire_len(properties.len()));
                encode_properties(properties, out);
            }
            Self::StrictArray(values) => {
                out.put_u8(STRICT_ARRAY);
                out.put_u32(wire_len(values.len()));
                values.iter().for_each(|value| value.encode(out));
            }
            Self::Null => out.put_u8(NULL),
            Self::Undefined | Self::ByteArray(_) => out.put_u8(UNDEFINED),
            Self::Reference(index) => {
                out.put_u8(REFERENCE);
                out.put_u16(*index);
            }
            Self::Date { millis, zone } => {
                out.put_u8(DATE);
                out.put_f64(*millis);
                out.put_i16(*zone);
            }
            Self::Unsupported => out.put_u8(UNSUPPORTED),
            Self::Xml(text) => {
                out.put_u8(XML);
                out.put_u32(wire_len(text.len()));
                out.extend_from_slice(text.as_bytes());
            }
            Self::TypedObject { class, properties } => {
                out.put_u8(TYPED_OBJECT);
                encode_name(class, out);
                encode_properties(properties, out);
            }
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Boolean(flag) => write!(f, "{flag}"),
            Self::String(text) => write!(f, "string({})", text.len()),
            Self::Object(properties) => write!(f, "object({})", properties.len()),
            Self::EcmaArray(properties) => write!(f, "array({})", properties.len()),
            Self::StrictArray(values) => write!(f, "list({})", values.len()),
            Self::Null => f.write_str("null"),
            Self::Undefined => f.write_str("undefined"),
            Self::Reference(index) => write!(f, "reference {index}"),
            Self::Date { .. } => f.write_str("date"),
            Self::Unsupported => f.write_str("unsupported"),
            Self::Xml(text) => write!(f, "xml({})", text.len()),
            Self::TypedObject { properties, .. } => write!(f, "typed object({})", properties.len()),
            Self::ByteArray(bytes) => write!(f, "bytes({})", bytes.len()),
        }
    }
}

fn encode_string(text: &str, out: &mut BytesMut) {
    match u16::try_from(text.len()) {
        Ok(len) => {
            out.put_u8(STRING);
            out.put_u16(len);
        }
        Err(_) => {
            out.put_u8(LONG_STRING);
            out.put_u32(wire_len(text.len()));
        }
    }
    out.extend_from_slice(text.as_bytes());
}

fn encode_properties(properties: &[(String, Value)], out: &mut BytesMut) {
    for (name, value) in properties {
        encode_name(name, out);
        value.encode(out);
    }
    out.extend_from_slice(&[0, 0, OBJECT_END]);
}

/// Property and class names have a 16-bit length; a longer one is cut at a character.
fn encode_name(name: &str, out: &mut BytesMut) {
    let cut = name.floor_char_boundary(usize::from(u16::MAX));
    let name = name.get(..cut).unwrap_or_default();
    out.put_u16(u16::try_from(name.len()).unwrap_or(u16::MAX));
    out.extend_from_slice(name.as_bytes());
}

/// A message is shorter than 16 MiB, so a length always fits.
fn wire_len(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

const NUMBER: u8 = 0x00;
const BOOLEAN: u8 = 0x01;
const STRING: u8 = 0x02;
const OBJECT: u8 = 0x03;
const NULL: u8 = 0x05;
const UNDEFINED: u8 = 0x06;
const REFERENCE: u8 = 0x07;
const ECMA_ARRAY: u8 = 0x08;
const OBJECT_END: u8 = 0x09;
const STRICT_ARRAY: u8 = 0x0a;
const DATE: u8 = 0x0b;
const LONG_STRING: u8 = 0x0c;
const UNSUPPORTED: u8 = 0x0d;
const XML: u8 = 0x0f;
const TYPED_OBJECT: u8 = 0x10;
/// One AMF3 value follows.
pub(super) const AVM_PLUS: u8 = 0x11;

#[cfg(test)]
mod tests;

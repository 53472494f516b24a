//! What two sides tell each other that they can do: the words of Enhanced RTMP in `connect` and its answer.
//!
//! Most say nothing, OBS and nearly all platforms among them, so that silence means nothing. What is said is
//! read with tolerance, and counts only where it is plain.

use std::fmt;

use super::amf0::Value;

/// A codec by its four characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FourCc(pub [u8; 4]);

/// One codec, or any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// `"*"`.
    Any,
    /// This one.
    One(FourCc),
}

/// What a side does with a codec: [`DECODES`], [`ENCODES`] and [`FORWARDS`] added up.
pub type Abilities = u32;

/// It plays what it gets.
pub const DECODES: Abilities = 1;
/// It makes some.
pub const ENCODES: Abilities = 2;
/// It passes on what it gets.
pub const FORWARDS: Abilities = 4;

/// `capsEx`: it comes back when it is asked to.
pub const RECONNECT: u32 = 1;
/// `capsEx`: it takes several tracks.
pub const MULTITRACK: u32 = 2;
/// `capsEx`: it takes tags with extensions.
pub const MOD_EX: u32 = 4;
/// `capsEx`: among these extensions it knows times finer than a millisecond.
pub const NANO_OFFSET: u32 = 8;

/// What a side says of itself; what is `None` was not said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// `fourCcList`: the codecs that it can receive.
    pub codecs: Option<Vec<Which>>,
    /// `videoFourCcInfoMap`: what it does with codecs of pictures.
    pub video: Option<Vec<(Which, Abilities)>>,
    /// `audioFourCcInfoMap`: what it does with codecs of sound.
    pub audio: Option<Vec<(Which, Abilities)>>,
    /// `capsEx`: bits such as [`RECONNECT`].
    pub extended: Option<u32>,
}

impl Capabilities {
    /// What this relay can do: it passes everything on as it came.
    pub fn of_relay() -> Self {
        let any = || Some(vec![(Which::Any, FORWARDS)]);
        Self {
            codecs: Some(vec![Which::Any]),
            video: any(),
            audio: any(),
            extended: Some(RECONNECT | MULTITRACK | MOD_EX | NANO_OFFSET),
        }
    }

    /// Reads what stands in some objects. The specification does not tell which of the two of an answer is
    /// meant; where both say something, the first one counts.
    pub fn read<'a>(objects: impl IntoIterator<Item = &'a Value> + Clone) -> Self {
        fn first<'a, T>(
            objects: impl IntoIterator<Item = &'a Value>,
            name: &str,
            read: impl FnMut(&'a Value) -> Option<T>,
        ) -> Option<T> {
            objects.into_iter().filter_map(|object| object.property(name)).find_map(read)
        }
        Self {
            codecs: first(objects.clone(), CODECS, codecs),
            video: first(objects.clone(), VIDEO, abilities),
            audio: first(objects.clone(), AUDIO, abilities),
            extended: first(objects, EXTENDED, bits),
        }
    }

    /// The same as properties of an object.
    pub fn properties(&self) -> Vec<(String, Value)> {
        let list = |codecs: &Vec<Which>| {
            Value::StrictArray(codecs.iter().map(|which| Value::string(which.to_string())).collect())
        };
        let number = |bits: &u32| Value::Number(f64::from(*bits));
        let map = |codecs: &Vec<(Which, Abilities)>| {
            Value::Object(codecs.iter().map(|(which, bits)| (which.to_string(), number(bits))).collect())
        };
        let all = [
            (CODECS, self.codecs.as_ref().map(list)),
            (VIDEO, self.video.as_ref().map(map)),
            (AUDIO, self.audio.as_ref().map(map)),
            (EXTENDED, self.extended.as_ref().map(number)),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }

    /// Whether all of some `capsEx` bits were announced.
    pub fn has(&self, bits: u32) -> bool {
        self.extended.unwrap_or_default() & bits == bits
    }

    /// Whether it plainly does not take a codec: it says which ones it takes of that medium, and this one is not
    /// among them. Codecs that classic RTMP has, too, are not asked about: most targets get them in that form, to which
    /// none of this applies.
    pub fn refuses(&self, codec: FourCc) -> bool {
        let (medium, map) = match codec.medium() {
            Some(medium @ Medium::Video) => (medium, &self.video),
            Some(medium @ Medium::Audio) => (medium, &self.audio),
            None => return false,
        };
        if codec.is_classic() {
            return false;
        }
        let said = [
            self.codecs.as_ref().and_then(|list| list_takes(list, medium, codec)),
            map.as_ref().and_then(|map| map_takes(map, codec)),
        ];
        said.contains(&Some(false)) && !said.contains(&Some(true))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Medium {
    Video,
    Audio,
}

impl FourCc {
    fn medium(self) -> Option<Medium> {
        match &self.0 {
            b"avc1" | b"hvc1" | b"vvc1" | b"av01" | b"vp08" | b"vp09" => Some(Medium::Video),
            b"mp4a" | b"Opus" | b"fLaC" | b"ac-3" | b"ec-3" | b".mp3" => Some(Medium::Audio),
            _ => None,
        }
    }

    fn is_classic(self) -> bool {
        matches!(&self.0, b"avc1" | b"mp4a" | b".mp3")
    }
}

/// What people call the codec.
impl fmt::Display for FourCc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            b"avc1" => "H.264",
            b"hvc1" => "HEVC",
            b"vvc1" => "VVC",
            b"av01" => "AV1",
            b"vp08" => "VP8",
            b"vp09" => "VP9",
            b"mp4a" => "AAC",
            b".mp3" => "MP3",
            b"Opus" => "Opus",
            b"fLaC" => "FLAC",
            b"ac-3" => "AC-3",
            b"ec-3" => "E-AC-3",
            other => return write!(f, "{}", other.escape_ascii()),
        })
    }
}

impl Which {
    /// Reads a word; `None` if it has another length, or is no plain text.
    fn parse(text: &str) -> Option<Self> {
        if text == ANY {
            return Some(Self::Any);
        }
        let four_cc: [u8; 4] = text.as_bytes().try_into().ok()?;
        four_cc.iter().all(|byte| matches!(byte, b' '..=b'~')).then_some(Self::One(FourCc(four_cc)))
    }

    fn includes(self, codec: FourCc) -> bool {
        matches!(self, Self::Any) || self == Self::One(codec)
    }

    fn is_of(self, medium: Medium) -> bool {
        match self {
            Self::Any => true,
            Self::One(codec) => codec.medium() == Some(medium),
        }
    }
}

/// As it is written.
impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str(ANY),
            Self::One(FourCc(four_cc)) => {
                four_cc.iter().try_for_each(|byte| write!(f, "{}", char::from(*byte)))
            }
        }
    }
}

/// Older lists have pictures alone, so that one without any codec of a medium says nothing about it.
fn list_takes(list: &[Which], medium: Medium, codec: FourCc) -> Option<bool> {
    let is_about_it = list.iter().any(|which| which.is_of(medium));
    is_about_it.then(|| list.iter().any(|which| which.includes(codec)))
}

fn map_takes(map: &[(Which, Abilities)], codec: FourCc) -> Option<bool> {
    let takes = |bits: Abilities| bits & (DECODES | FORWARDS) != 0;
    (!map.is_empty()).then(|| map.iter().any(|(which, bits)| which.includes(codec) && takes(*bits)))
}

/// A list of words; some send them as the values of an object.
fn codecs(value: &Value) -> Option<Vec<Which>> {
    let words: Vec<&Value> = match value {
        Value::StrictArray(values) => values.iter().collect(),
        Value::Object(properties) | Value::EcmaArray(properties) => {
            properties.iter().map(|(_, value)| value).collect()
        }
        Value::String(_) => vec![value],
        _ => return None,
    };
    Some(words.into_iter().filter_map(Value::as_str).filter_map(Which::parse).take(MOST).collect())
}

/// What is done with a codec that is named, but not in a number, may be anything.
fn abilities(value: &Value) -> Option<Vec<(Which, Abilities)>> {
    let (Value::Object(properties) | Value::EcmaArray(properties) | Value::TypedObject { properties, .. }) =
        value
    else {
        return None;
    };
    let entry = |(name, value): &(String, Value)| {
        Some((Which::parse(name)?, bits(value).unwrap_or(DECODES | ENCODES | FORWARDS)))
    };
    Some(properties.iter().filter_map(entry).take(MOST).collect())
}

fn bits(value: &Value) -> Option<u32> {
    let number = value.as_number()?;
    let in_range = (0.0..=f64::from(u32::MAX)).contains(&number);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range was checked")]
    in_range.then_some(number as u32)
}

const CODECS: &str = "fourCcList";
const VIDEO: &str = "videoFourCcInfoMap";
const AUDIO: &str = "audioFourCcInfoMap";
/// The name of [`Capabilities::extended`].
pub(super) const EXTENDED: &str = "capsEx";
const ANY: &str = "*";

/// Entries that are read of a list: there are a dozen codecs.
const MOST: usize = 64;

#[cfg(test)]
mod tests;

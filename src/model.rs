//! The nouns shared by relay, store, control and API, with their rules.
//!
//! Values are parsed once, at the edge, into types that cannot be wrong: what holds a [`Name`] or an
//! [`IngestKey`] need not check it again.

use std::collections::HashSet;
use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::rtmp::url::{RtmpUrl, StreamKey};

/// Most streams one relay keeps.
pub const MAX_STREAMS: usize = 1_000;

/// Most targets one stream keeps.
pub const MAX_TARGETS_PER_STREAM: usize = 2_000;

/// A stream's number; never used again after the stream is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamId(pub i64);

/// A target's number; never used again after the target is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TargetId(pub i64);

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for TargetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Why a value was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// See [`Name`].
    #[error("a name needs 1 to 64 characters, and no control characters")]
    Name,
    /// See [`IngestKey`].
    #[error("a stream key must be 1 to 128 printable ASCII characters without '/' or spaces")]
    IngestKey,
    /// See [`AppName`].
    #[error("an application name must be 1 to 128 printable ASCII characters without '?' or spaces")]
    App,
}

/// What a person calls a stream or target: 1 to 64 characters, trimmed, no control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(String);

impl Name {
    /// # Errors
    /// [`Invalid::Name`].
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let long = text.chars().count() > 64;
        if text.is_empty() || long || text.chars().any(char::is_control) {
            return Err(Invalid::Name);
        }
        Ok(Self(text.to_owned()))
    }

    /// The name's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The app name that an encoder must use, where a stream asks for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppName(String);

impl AppName {
    /// # Errors
    /// [`Invalid::App`].
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim_matches('/');
        let plain = text.bytes().all(|b| b.is_ascii_graphic() && b != b'?');
        if text.is_empty() || text.len() > 128 || !plain {
            return Err(Invalid::App);
        }
        Ok(Self(text.to_owned()))
    }

    /// The name's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The key an encoder publishes with: 1 to 128 printable ASCII characters without `/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngestKey(StreamKey);

impl IngestKey {
    /// Takes a key that a person chose.
    ///
    /// # Errors
    /// [`Invalid::IngestKey`].
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let plain = text.bytes().all(|b| b.is_ascii_graphic() && b != b'/');
        if text.is_empty() || text.len() > 128 || !plain {
            return Err(Invalid::IngestKey);
        }
        Ok(Self(StreamKey::new(text)))
    }

    /// Makes a key of 26 base32 characters from 130 random bits.
    pub fn generate(random: [u8; 17]) -> Self {
        let mut text = data_encoding::BASE32_NOPAD.encode(&random).to_ascii_lowercase();
        text.truncate(26);
        Self(StreamKey::new(text))
    }

    /// Whether the key could be guessed: short, or of few different characters.
    pub fn is_weak(&self) -> bool {
        let text = self.0.expose().as_bytes();
        let distinct: HashSet<&u8> = text.iter().collect();
        text.len() < 16 || distinct.len() < 8
    }

    /// The key as the protocol knows it.
    pub fn as_stream_key(&self) -> &StreamKey {
        &self.0
    }
}

/// A stream key's fingerprint under the relay's own secret: what keys are looked up by, so that the
/// time of a look-up tells nothing about them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyDigest(pub [u8; 32]);

/// Makes [`KeyDigest`]s.
#[derive(Clone)]
pub struct KeyHasher(Hmac<Sha256>);

impl KeyHasher {
    /// A hasher under the given secret.
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(Hmac::new_from_slice(secret).expect("a key of any length"))
    }

    /// The fingerprint of a key as an encoder sent it.
    pub fn digest(&self, key: &StreamKey) -> KeyDigest {
        let mut mac = self.0.clone();
        mac.update(key.expose().as_bytes());
        KeyDigest(mac.finalize().into_bytes().into())
    }
}

/// A named place to publish to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream {
    /// Its number.
    pub id: StreamId,
    /// What a person calls it; unique.
    pub name: Name,
    /// The only app name accepted, or any.
    pub app: Option<AppName>,
    /// Whether its key could be guessed.
    pub key_is_weak: bool,
    /// Seconds since 1970.
    pub created_at: i64,
    /// How many targets it has, switched on or not.
    pub target_count: u32,
}

/// A stream to be made.
#[derive(Debug, Clone)]
pub struct NewStream {
    /// What a person calls it.
    pub name: Name,
    /// The only app name accepted, or any.
    pub app: Option<AppName>,
    /// Its key.
    pub key: IngestKey,
}

/// A change to a stream; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct StreamPatch {
    /// A new name.
    pub name: Option<Name>,
    /// `Some(None)` accepts any app again.
    pub app: Option<Option<AppName>>,
}

/// One place we push to. Its key is not here: it stays sealed but for [`Wanted`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its number.
    pub id: TargetId,
    /// The stream it belongs to.
    pub stream_id: StreamId,
    /// What a person calls it; unique in its stream.
    pub name: Name,
    /// Where it is.
    pub url: RtmpUrl,
    /// Whether it should run.
    pub enabled: bool,
    /// Seconds since 1970.
    pub created_at: i64,
    /// Seconds since 1970.
    pub updated_at: i64,
}

/// A target to be made.
#[derive(Debug, Clone)]
pub struct NewTarget {
    /// What a person calls it.
    pub name: Name,
    /// Where it is.
    pub url: RtmpUrl,
    /// Its key.
    pub key: StreamKey,
    /// Whether it should run.
    pub enabled: bool,
}

/// A change to a target; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct TargetPatch {
    /// A new name.
    pub name: Option<Name>,
    /// A new address; the key stays unless given too.
    pub url: Option<RtmpUrl>,
    /// A new key.
    pub key: Option<StreamKey>,
    /// On or off.
    pub enabled: Option<bool>,
}

/// All that should run, with the secrets needed to run it.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Every stream.
    pub streams: Vec<WantedStream>,
}

/// A stream that should accept its encoder.
#[derive(Debug, Clone)]
pub struct WantedStream {
    /// Its number.
    pub id: StreamId,
    /// Its name, for logs.
    pub name: String,
    /// The only app name accepted, or any.
    pub app: Option<AppName>,
    /// What its key is looked up by.
    pub key: KeyDigest,
    /// Its targets that are switched on.
    pub targets: Vec<WantedTarget>,
}

/// A target that should run.
#[derive(Debug, Clone)]
pub struct WantedTarget {
    /// Its number.
    pub id: TargetId,
    /// Its name, for logs.
    pub name: String,
    /// Where it is.
    pub url: RtmpUrl,
    /// Its key.
    pub key: StreamKey,
}

#[cfg(test)]
mod tests;

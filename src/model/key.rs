//! The keys encoders publish with, and what they are looked up by.

use std::collections::HashSet;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::name::Invalid;
use crate::rtmp::url::StreamKey;

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

    /// Whether nobody could guess a key like this one over a network: it is as long as those that are made
    /// here, and as varied.
    pub fn is_beyond_guessing(key: &StreamKey) -> bool {
        let text = key.expose().as_bytes();
        text.len() >= 26 && text.iter().collect::<HashSet<_>>().len() >= 10
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

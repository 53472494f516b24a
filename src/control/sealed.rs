//! Text that is opened by a passphrase.
//!
//! XChaCha20-Poly1305 under a key that argon2id makes of the passphrase and a random salt. What the key
//! costs is written beside it, so that it can rise with the years; what somebody else wrote there is
//! believed within bounds, since it is we who pay.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};

use super::desk::Control;
use super::error::Error;
use crate::model::Password;
use crate::secret::Secret;

/// What it costs to make a key of a passphrase, in the terms of argon2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

/// A sealed text, with all that is needed to open it but the passphrase.
#[derive(Debug, Clone)]
pub struct Sealed {
    /// What the key costs.
    pub cost: Cost,
    /// What the key is made of, too.
    pub salt: [u8; 16],
    /// Used with this key this once.
    pub nonce: [u8; 24],
    /// The sealed text.
    pub data: Vec<u8>,
}

impl Control {
    /// Seals a text with a passphrase.
    ///
    /// # Errors
    /// [`Error::TooManyTries`] when too many wait for their turn already, or [`Error::Random`].
    pub async fn seal(&self, passphrase: Password, text: &Secret) -> Result<Sealed, Error> {
        let (mut salt, mut nonce) = ([0; 16], [0; 24]);
        getrandom::fill(&mut salt).map_err(|_| Error::Random)?;
        getrandom::fill(&mut nonce).map_err(|_| Error::Random)?;
        let key = self.derive_key(passphrase, salt, COST).await?;
        let data = XChaCha20Poly1305::new((&*key).into())
            .encrypt(&XNonce::from(nonce), Payload { msg: text.expose().as_bytes(), aad: PURPOSE })
            .map_err(|_| Error::Hashing)?;
        Ok(Sealed { cost: COST, salt, nonce, data })
    }

    /// Opens a text with the passphrase it was sealed with.
    ///
    /// # Errors
    /// [`Error::WrongPassphrase`], [`Error::Cost`], or [`Error::TooManyTries`] when too many wait for
    /// their turn already.
    pub async fn unseal(&self, passphrase: Password, sealed: &Sealed) -> Result<Secret, Error> {
        if !sealed.cost.is_bearable() {
            return Err(Error::Cost);
        }
        let key = self.derive_key(passphrase, sealed.salt, sealed.cost).await?;
        let text = XChaCha20Poly1305::new((&*key).into())
            .decrypt(&XNonce::from(sealed.nonce), Payload { msg: &sealed.data, aad: PURPOSE })
            .map_err(|_| Error::WrongPassphrase)?;
        String::from_utf8(text).map(Secret::new).map_err(|_| Error::WrongPassphrase)
    }
}

impl Cost {
    fn is_bearable(self) -> bool {
        (LEAST_MEMORY_KIB..=COST.memory_kib).contains(&self.memory_kib)
            && (1..=COST.passes).contains(&self.passes)
            && self.lanes == 1
    }
}

/// More than for a log-in: who has the document can guess as fast as they can pay for.
const COST: Cost = Cost { memory_kib: 64 * 1024, passes: 3, lanes: 1 };

const LEAST_MEMORY_KIB: u32 = 19 * 1024;

/// Authenticated with the text, so that nothing else that is sealed in this way opens as one.
const PURPOSE: &[u8] = b"splitcast-configuration 1";

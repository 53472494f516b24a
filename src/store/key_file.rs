//! The key file: 32 random bytes from which everything secret in the database hangs.
//!
//! It stands beside the database so that one folder is a whole backup, but as a file of its own, so
//! that a database copied, mailed or published alone says nothing. It is one line of text, made once
//! and never written again; to have another key is to have another file (see `rotate.rs`).

use std::fs;
use std::io;
use std::path::Path;

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::error::Error;
use super::folder::Folder;
use super::seal::Sealer;
use crate::model::KeyHasher;

/// What the key file holds.
pub(super) struct MasterKey(Zeroizing<[u8; 32]>);

impl MasterKey {
    /// Reads the folder's key file, or makes one where there is nothing yet to be read with it.
    pub(super) fn open(folder: &Folder) -> Result<Self, Error> {
        match Self::read(&folder.key_file()) {
            Err(Error::KeyMissing { .. }) if !folder.has_database()? => Self::create(folder),
            read => read,
        }
    }

    /// Reads a key file.
    pub(super) fn read(path: &Path) -> Result<Self, Error> {
        let path = path.to_owned();
        match fs::read(&path).map(Zeroizing::new) {
            Ok(bytes) => {
                warn_if_others_may_read(&path);
                Self::decode(&bytes).ok_or(Error::KeyDamaged { path })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Error::KeyMissing { path }),
            Err(source) => Err(Error::File { path, source }),
        }
    }

    /// Another key.
    pub(super) fn generate() -> Result<Self, Error> {
        let mut key = Self(Zeroizing::new([0; 32]));
        getrandom::fill(key.0.as_mut_slice()).map_err(|_| Error::Random)?;
        Ok(key)
    }

    /// Whether this is the key that the value was sealed with by [`Sealer::seal_check`].
    pub(super) fn is_of(&self, check: &[u8]) -> bool {
        Sealer::new(self).is_check(check)
    }

    /// What ingest keys are looked up by.
    pub(super) fn hasher(&self) -> KeyHasher {
        KeyHasher::new(&self.derive("digest ingest keys"))
    }

    /// A key for one use; what is kept that was made with it must be made anew in `rotate.rs`. From it neither the master key nor another use's key can be found.
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    pub(super) fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.as_slice()).expect("a key of any length");
        mac.update(purpose.as_bytes());
        Zeroizing::new(mac.finalize().into_bytes().into())
    }

    fn create(folder: &Folder) -> Result<Self, Error> {
        let key = Self::generate()?;
        folder.write_new(&folder.key_file(), &key.encode())?;
        Ok(key)
    }

    /// What a key file holds.
    pub(super) fn encode(&self) -> Zeroizing<String> {
        let text = Zeroizing::new(BASE32_NOPAD.encode(self.0.as_slice()));
        Zeroizing::new(format!("{HEADER} {}\n", *text))
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?.trim();
        let text = text.strip_prefix(HEADER)?.strip_prefix(' ')?;
        let bytes = Zeroizing::new(BASE32_NOPAD.decode(text.as_bytes()).ok()?);
        let key = <[u8; 32]>::try_from(bytes.as_slice()).ok()?;
        Some(Self(Zeroizing::new(key)))
    }
}

#[cfg(unix)]
fn warn_if_others_may_read(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path).map_or(0, |file| file.permissions().mode());
    if mode & 0o077 != 0 {
        tracing::warn!(path = %path.display(), "other users may read the key file: run chmod 600 on it");
    }
}

#[cfg(not(unix))]
fn warn_if_others_may_read(_path: &Path) {}

/// Says what the file is, and how the rest of the line is to be read.
const HEADER: &str = "splitcast-key-1";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let key = MasterKey(Zeroizing::new([7; 32]));
        let read = MasterKey::decode(key.encode().as_bytes()).unwrap();
        assert_eq!(read.0, key.0);
    }

    #[test]
    fn anything_else_is_damaged() {
        let whole = MasterKey(Zeroizing::new([7; 32])).encode();
        let cut = &whole[..whole.len() - 3];
        for text in ["", "splitcast-key-1", "splitcast-key-1 ", cut, &whole[1..]] {
            assert!(MasterKey::decode(text.as_bytes()).is_none(), "{text:?}");
        }
        assert!(MasterKey::decode(&[0xff; 40]).is_none());
    }

    #[test]
    fn each_purpose_has_its_own_key() {
        let (one, two) = (MasterKey(Zeroizing::new([1; 32])), MasterKey(Zeroizing::new([2; 32])));
        assert_eq!(one.derive("a"), one.derive("a"));
        assert_ne!(one.derive("a"), one.derive("b"));
        assert_ne!(one.derive("a"), two.derive("a"));
    }
}

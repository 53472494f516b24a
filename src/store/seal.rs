//! Secrets at rest: the only file that sees both the text and its sealed form.
//!
//! XChaCha20-Poly1305 with a random nonce in front; 24 bytes are enough never to meet the same nonce
//! twice without keeping count. Table, row and column are authenticated with the text, so that a
//! sealed value moved to another place in the database does not open there.
//!
//! This protects a database that gets away without its key file. It does not protect against who can
//! read both, which is anybody who can read this process's files.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};

use super::error::Error;
use super::key_file::MasterKey;
use crate::model::IngestKey;
use crate::rtmp::auth::{Login, Password, User};
use crate::rtmp::url::{RtmpUrl, StreamKey};
use crate::secret::Secret;

/// Seals and unseals.
pub(super) struct Sealer(XChaCha20Poly1305);

/// Where in the database a sealed value stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// Its table.
    pub(super) table: &'static str,
    /// Its row.
    pub(super) id: i64,
    /// Its column.
    pub(super) column: &'static str,
}

impl Sealer {
    /// A sealer under a key derived from the key file's.
    pub(super) fn new(master: &MasterKey) -> Self {
        let key = master.derive("seal columns");
        Self(XChaCha20Poly1305::new((&*key).into()))
    }

    /// Seals a target's key.
    pub(super) fn seal_key(&self, at: Place, key: &StreamKey) -> Result<Vec<u8>, Error> {
        self.seal(at, key.expose())
    }

    /// Opens a target's key.
    pub(super) fn unseal_key(&self, at: Place, sealed: &[u8]) -> Result<StreamKey, Error> {
        Ok(StreamKey::new(self.unseal(at, sealed)?.expose()))
    }

    /// Opens a stream's key.
    pub(super) fn unseal_ingest_key(&self, at: Place, sealed: &[u8]) -> Result<IngestKey, Error> {
        IngestKey::parse(self.unseal(at, sealed)?.expose()).map_err(|_| at.damaged())
    }

    /// Seals an address: its query may be a token.
    pub(super) fn seal_url(&self, at: Place, url: &RtmpUrl) -> Result<Vec<u8>, Error> {
        self.seal(at, url.tc_url().expose())
    }

    /// Opens an address.
    pub(super) fn unseal_url(&self, at: Place, sealed: &[u8]) -> Result<RtmpUrl, Error> {
        RtmpUrl::parse(self.unseal(at, sealed)?.expose()).map_err(|_| at.damaged())
    }

    /// Seals a password that is asked for with a user name.
    pub(super) fn seal_password(&self, at: Place, password: &Password) -> Result<Vec<u8>, Error> {
        self.seal(at, password.expose())
    }

    /// Opens the password of a row that has a user name.
    pub(super) fn unseal_login(
        &self,
        at: Place,
        user: Option<&str>,
        sealed: Option<&[u8]>,
    ) -> Result<Option<Login>, Error> {
        let Some((user, sealed)) = parse_user(at, user)?.zip(sealed) else {
            return Ok(None);
        };
        let password = Password::parse(self.unseal(at, sealed)?.expose()).map_err(|_| at.damaged())?;
        Ok(Some(Login { user, password }))
    }

    /// Seals a secret of any other kind.
    pub(super) fn seal_secret(&self, at: Place, secret: &Secret) -> Result<Vec<u8>, Error> {
        self.seal(at, secret.expose())
    }

    /// Opens what [`Sealer::seal_secret`] sealed.
    pub(super) fn unseal_secret(&self, at: Place, sealed: &[u8]) -> Result<Secret, Error> {
        self.unseal(at, sealed)
    }

    /// A sealed value by which this sealer's key can be recognised.
    pub(super) fn seal_check(&self) -> Result<Vec<u8>, Error> {
        self.seal(CHECK, CHECK_TEXT)
    }

    /// Whether the value was made by [`Sealer::seal_check`] under the same key.
    pub(super) fn is_check(&self, sealed: &[u8]) -> bool {
        self.unseal(CHECK, sealed).is_ok_and(|text| text.expose() == CHECK_TEXT)
    }

    /// Seals for `other` what this one has sealed.
    pub(super) fn reseal(&self, at: Place, sealed: &[u8], other: &Self) -> Result<Vec<u8>, Error> {
        other.seal(at, self.unseal(at, sealed)?.expose())
    }

    /// Finds out whether a value opens.
    pub(super) fn try_open(&self, at: Place, sealed: &[u8]) -> Result<(), Error> {
        self.unseal(at, sealed).map(drop)
    }

    fn seal(&self, at: Place, text: &str) -> Result<Vec<u8>, Error> {
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).map_err(|_| Error::Random)?;
        let sealed = self
            .0
            .encrypt(&XNonce::from(nonce), at.payload(text.as_bytes(), &at.aad()))
            .map_err(|_| at.damaged())?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    fn unseal(&self, at: Place, sealed: &[u8]) -> Result<Secret, Error> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LEN>().ok_or_else(|| at.damaged())?;
        let text =
            self.0.decrypt(&XNonce::from(*nonce), at.payload(sealed, &at.aad())).map_err(|_| at.damaged())?;
        let text = String::from_utf8(text).map_err(|_| at.damaged())?;
        Ok(Secret::new(text))
    }
}

impl Place {
    fn aad(self) -> String {
        format!("{}|{}|{}", self.table, self.id, self.column)
    }

    fn payload<'a>(self, msg: &'a [u8], aad: &'a str) -> Payload<'a, 'a> {
        Payload { msg, aad: aad.as_bytes() }
    }

    pub(super) fn damaged(self) -> Error {
        Error::Row { table: self.table, id: self.id }
    }
}

/// Reads the user name that goes with the password at a place.
pub(super) fn parse_user(at: Place, user: Option<&str>) -> Result<Option<User>, Error> {
    user.map(User::parse).transpose().map_err(|_| at.damaged())
}

/// Every column that holds sealed values, with its table. A table with such a column has an `id`.
pub(super) const SEALED: [(&str, &str); 13] = [
    ("meta", "key_check"),
    ("streams", "key"),
    ("streams", "ingest_password"),
    ("targets", "url"),
    ("targets", "key"),
    ("targets", "password"),
    ("targets", "backup_url"),
    ("targets", "backup_key"),
    ("targets", "backup_password"),
    ("webhooks", "url"),
    ("webhooks", "secret"),
    ("webhooks", "old_secret"),
    ("answers", "body"),
];

/// Columns of bytes that are not sealed. They may be made with the key file all the same: see
/// `rotate.rs`, which makes those anew.
#[cfg(test)]
pub(super) const PLAIN: [(&str, &str); 6] = [
    ("_sqlx_migrations", "checksum"),
    ("answers", "digest"),
    ("answers", "request"),
    ("sessions", "digest"),
    ("streams", "key_digest"),
    ("tokens", "digest"),
];

const NONCE_LEN: usize = 24;

const CHECK: Place = Place { table: "meta", id: 1, column: "key_check" };

const CHECK_TEXT: &str = "splitcast";

#[cfg(test)]
mod tests {
    use super::*;

    fn sealer(byte: u8) -> Sealer {
        let key = [byte; 32];
        Sealer(XChaCha20Poly1305::new(&key.into()))
    }

    fn at(id: i64, column: &'static str) -> Place {
        Place { table: "targets", id, column }
    }

    #[test]
    fn opens_what_it_sealed_and_never_seals_alike() {
        let (sealer, place) = (sealer(1), at(7, "key"));
        let key = StreamKey::new("abc?d=ef");
        let (one, two) = (sealer.seal_key(place, &key).unwrap(), sealer.seal_key(place, &key).unwrap());
        assert_ne!(one, two);
        assert_eq!(sealer.unseal_key(place, &one).unwrap(), key);
        assert_eq!(sealer.unseal_key(place, &two).unwrap(), key);
    }

    #[test]
    fn an_address_keeps_its_query() {
        let url = RtmpUrl::parse("rtmps://h:443/app?token=SECRET").unwrap();
        let sealed = sealer(1).seal_url(at(7, "url"), &url).unwrap();
        assert_eq!(sealer(1).unseal_url(at(7, "url"), &sealed).unwrap(), url);
    }

    #[test]
    fn every_changed_bit_is_noticed() {
        let (sealer, place) = (sealer(1), at(7, "key"));
        let sealed = sealer.seal_key(place, &StreamKey::new("abc")).unwrap();
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(sealer.unseal_key(place, &changed).is_err(), "bit {bit}");
        }
        for len in 0..sealed.len() {
            assert!(sealer.unseal_key(place, &sealed[..len]).is_err());
        }
    }

    #[test]
    fn opens_nowhere_else_and_under_no_other_key() {
        let sealed = sealer(1).seal_key(at(7, "key"), &StreamKey::new("abc")).unwrap();
        assert!(sealer(1).unseal_key(at(8, "key"), &sealed).is_err());
        assert!(sealer(1).unseal_key(at(7, "url"), &sealed).is_err());
        let error = sealer(2).unseal_key(at(7, "key"), &sealed).unwrap_err();
        assert_eq!(
            error.to_string(),
            "row 7 of table targets is damaged: restore the data folder from a backup"
        );
    }

    #[test]
    fn the_check_recognises_its_key() {
        let check = sealer(1).seal_check().unwrap();
        assert!(sealer(1).is_check(&check));
        assert!(!sealer(2).is_check(&check));
    }
}

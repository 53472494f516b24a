//! Addresses of targets as they are asked for.
//!
//! An address comes with its key, which is a field of its own or, for those who were given one long
//! address, its last part. User name and password are fields of their own, too, or stand before its host.

use super::super::error::Error;
use super::super::logins::{login, login_patch};
use super::super::request::Fields;
use crate::model::{Endpoint, LoginPatch, completed, completed_with_key};
use crate::rtmp::auth::Login;
use crate::rtmp::url::{self, Halves, RtmpUrl, StreamKey, split_login};

/// The names of the fields of an address.
pub(super) struct Names {
    url: &'static str,
    key: &'static str,
    user: &'static str,
    password: &'static str,
}

pub(super) const FIRST: Names = Names { url: "url", key: "key", user: "user", password: "password" };

pub(super) const SECOND: Names =
    Names { url: "backup_url", key: "backup_key", user: "backup_user", password: "backup_password" };

/// An address with its key and its login; `None` if nothing of them is given.
pub(super) fn endpoint(fields: &mut Fields, names: &Names) -> Result<Option<Endpoint>, Error> {
    let given = fields.nullable_text(names.key, StreamKey::parse)?.flatten();
    let parsed = fields.nullable_text(names.url, |text| {
        let (text, halves) = split_login(text)?;
        // One fault, two fields: a whole URL that lacks only its key is not to blame itself.
        let parsed = match &given {
            Some(key) => RtmpUrl::parse(&completed(&text)).map(|url| Some((url, key.clone()))),
            None => match RtmpUrl::parse_with_key(&completed_with_key(&text)) {
                Err(url::Error::NoKey) => Ok(None),
                parsed => parsed.map(Some),
            },
        };
        parsed.map(|parsed| (parsed, halves))
    })?;
    match parsed.flatten() {
        Some((Some((url, key)), halves)) => {
            let login = login(fields, names.user, names.password, halves)?;
            Ok(Some(Endpoint { url, key, login }))
        }
        Some((None, _)) => Err(Error::field(names.key, &url::Error::NoKey)),
        None => match login(fields, names.user, names.password, Halves::default())? {
            None if given.is_none() => Ok(None),
            _ => Err(Error::missing(names.url)),
        },
    }
}

/// A change to an address; `Some(None)` for null.
#[derive(Default)]
pub(super) struct EndpointPatch {
    pub(super) url: Option<Option<RtmpUrl>>,
    pub(super) key: Option<Option<StreamKey>>,
    pub(super) login: LoginPatch,
}

impl From<Endpoint> for EndpointPatch {
    fn from(Endpoint { url, key, login }: Endpoint) -> Self {
        let (user, password) = login.map(|Login { user, password }| (user, password)).unzip();
        Self { url: Some(Some(url)), key: Some(Some(key)), login: LoginPatch::Change { user, password } }
    }
}

/// A change to an address that is there. Key and login stay as they were unless given too.
pub(super) fn endpoint_patch(fields: &mut Fields, names: &Names) -> Result<EndpointPatch, Error> {
    let url = fields.nullable_text(names.url, |text| {
        let (text, halves) = split_login(text)?;
        RtmpUrl::parse(&completed(&text)).map(|url| (url, halves))
    })?;
    let (url, halves) = match url {
        Some(Some((url, halves))) => (Some(Some(url)), halves),
        Some(None) => (Some(None), Halves::default()),
        None => (None, Halves::default()),
    };
    let key = fields.nullable_text(names.key, StreamKey::parse)?;
    Ok(EndpointPatch { url, key, login: login_patch(fields, names.user, names.password, halves)? })
}

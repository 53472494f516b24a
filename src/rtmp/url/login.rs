//! `user:password@` in an address: taken out before anything else is done with it.

use super::Error;
use crate::rtmp::auth::{self, Password, User};

/// What an address says of a login; either half may be missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Halves {
    /// Who.
    pub user: Option<User>,
    /// What proves it.
    pub password: Option<Password>,
}

/// Takes user name and password out of an address, if it has them before its host; returns it without
/// them. Both may be percent-encoded, as addresses want it; what is not is taken as it stands.
///
/// # Errors
/// [`auth::Error`], where one of them cannot be any.
pub fn split_login(text: &str) -> Result<(String, Halves), auth::Error> {
    let untouched = || Ok((text.to_owned(), Halves::default()));
    let Some((scheme, rest)) = text.split_once("://") else {
        return untouched();
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    // A password may have an @ in it, which a host has not.
    let Some((login, host)) = authority.rsplit_once('@') else {
        return untouched();
    };
    let (user, password) = match login.split_once(':') {
        Some((user, password)) => (user, Some(password)),
        None => (login, None),
    };
    let user = (!user.is_empty()).then(|| User::parse(&decoded(user))).transpose()?;
    let password = password.filter(|text| !text.is_empty());
    let password = password.map(|text| Password::parse(&decoded(text))).transpose()?;
    Ok((format!("{scheme}://{host}{path}"), Halves { user, password }))
}

/// The text with `%41` read as `A`, or as it is if that is no text.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        match (
            first,
            after.split_first_chunk::<2>().and_then(|(digits, after)| Some((byte(*digits)?, after))),
        ) {
            (b'%', Some((byte, after))) => {
                bytes.push(byte);
                rest = after;
            }
            _ => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

fn byte(digits: [u8; 2]) -> Option<u8> {
    let [high, low] = digits.map(|digit| char::from(digit).to_digit(16));
    u8::try_from(high? * 16 + low?).ok()
}

impl From<auth::Error> for Error {
    fn from(error: auth::Error) -> Self {
        Self::Login(error)
    }
}

//! Addresses of RTMP servers, and the stream keys that go with them.
//!
//! The split is done literally, as OBS does it (every platform tests with OBS): the app is all that
//! follows the host, query and further slashes included, less one trailing slash; the key is sent
//! byte for byte and never re-encoded. A key leaves the URL here and never returns to it, so showing
//! an [`RtmpUrl`] is always safe: its `Display` masks the values of the app's query, which some
//! platforms use as tokens.

use std::fmt;
use std::net::Ipv6Addr;

use crate::secret::Secret;
pub use login::{Halves, split_login};

/// Longest app or URL accepted, in bytes; nginx-rtmp cuts at 255, platforms stay far below.
const MAX_LEN: usize = 2048;

/// What stands in place of a masked query value.
const MASK: &str = "…";

/// What was wrong with an address or key. Names the part, never the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Neither `rtmp://` nor `rtmps://`.
    #[error("the address must begin with rtmp:// or rtmps://")]
    Scheme,
    /// No host, or one with characters that no host name has.
    #[error("the host name in the address is missing or not valid")]
    Host,
    /// Not a number from 1 to 65535.
    #[error("the port in the address must be a number from 1 to 65535")]
    Port,
    /// `user:password@` where it is not asked for; see [`split_login`].
    #[error("the address must not contain a user name or password: give them apart")]
    UserInfo,
    /// A user name or a password in the address that cannot be one.
    #[error(transparent)]
    Login(super::auth::Error),
    /// Nothing after the host.
    #[error("the address needs an application name after the host, as in rtmp://host/live")]
    App,
    /// A whole URL was given, but it has no part that could be the key.
    #[error(
        "the stream key is missing: give it on its own, or as the last part of the address, as in rtmp://host/app/key"
    )]
    NoKey,
    /// White space or control characters.
    #[error("the address must not contain spaces or control characters")]
    Characters,
    /// Too long.
    #[error("the address is longer than 2048 bytes")]
    TooLong,
    /// A `#fragment`, which no platform uses in a server address.
    #[error("the address must not contain '#'")]
    Fragment,
    /// The masked form that is shown was given back.
    #[error(
        "the address contains a masked value (…): give the whole address with the real value, or leave it as it was"
    )]
    Masked,
    /// The key has characters that cannot be part of one.
    #[error("a stream key must be 1 to 1024 printable characters without spaces")]
    Key,
}

/// Plain or over TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// `rtmp://`, port 1935 unless given.
    Rtmp,
    /// `rtmps://`, port 443 unless given.
    Rtmps,
}

impl Scheme {
    /// The port that is meant when none is written.
    pub fn default_port(self) -> u16 {
        match self {
            Self::Rtmp => 1935,
            Self::Rtmps => 443,
        }
    }

    /// As it stands in an address.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rtmp => "rtmp",
            Self::Rtmps => "rtmps",
        }
    }
}

/// The secret name under which a stream is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamKey(Secret);

impl StreamKey {
    /// Takes a key as typed by a person or sent by an encoder; any text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Secret::new(text))
    }

    /// Takes a key for a target: 1 to 1024 bytes without white space or control characters.
    ///
    /// # Errors
    /// [`Error::Key`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        let plain = |c: char| !c.is_whitespace() && !c.is_control();
        if text.is_empty() || text.len() > 1024 || !text.chars().all(plain) {
            return Err(Error::Key);
        }
        Ok(Self::new(text))
    }

    /// The key's text; see [`Secret::expose`].
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// Where a stream is pushed to, without its key.
#[derive(Clone, PartialEq, Eq)]
pub struct RtmpUrl {
    scheme: Scheme,
    host: String,
    port: Option<u16>,
    app: Secret,
}

impl RtmpUrl {
    /// Reads a server address without a key: `rtmp[s]://host[:port]/app`.
    ///
    /// # Errors
    /// The [`Error`] that names the part that is wrong.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        if text.len() > MAX_LEN {
            return Err(Error::TooLong);
        }
        if text.contains(MASK) {
            return Err(Error::Masked);
        }
        if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(Error::Characters);
        }
        if text.contains('#') {
            return Err(Error::Fragment);
        }
        let (scheme, rest) = split_scheme(text)?;
        let (authority, app) = rest.split_once('/').unwrap_or((rest, ""));
        let (host, port) = split_authority(authority)?;
        let app = app.strip_suffix('/').unwrap_or(app);
        if app.is_empty() {
            return Err(Error::App);
        }
        Ok(Self { scheme, host, port, app: Secret::new(app) })
    }

    /// Reads one URL whose last path part is the key: it is split at the last `/` before the first
    /// `?`, so that a query goes with the key. Where there is a `#`, the key is what follows it.
    ///
    /// # Errors
    /// As [`RtmpUrl::parse`], and [`Error::NoKey`] when there is no part left for the key.
    pub fn parse_with_key(text: &str) -> Result<(Self, StreamKey), Error> {
        let text = text.trim();
        if let Some((server, key)) = text.split_once('#') {
            return Ok((Self::parse(server)?, StreamKey::parse(key)?));
        }
        let (scheme, _) = split_scheme(text)?;
        let path_end = text.find('?').unwrap_or(text.len());
        let authority_start = scheme.as_str().len() + "://".len();
        let path = text.get(authority_start..path_end).ok_or(Error::Host)?;
        let (Some(first), Some(last)) = (path.find('/'), path.rfind('/')) else {
            return Err(Error::App);
        };
        let (server, key) = text.split_at(authority_start + last);
        let key = key.strip_prefix('/').unwrap_or(key);
        if first == last || key.is_empty() {
            Self::parse(text)?;
            return Err(Error::NoKey);
        }
        Ok((Self::parse(server)?, StreamKey::parse(key)?))
    }

    /// Plain or TLS.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Host name or address; an IPv6 address without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port to connect to.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or_else(|| self.scheme.default_port())
    }

    /// The app name for `connect`, query included.
    pub fn app(&self) -> &Secret {
        &self.app
    }

    /// The `tcUrl` for `connect`: the address as typed, less one trailing slash. Also the form in
    /// which the address is kept.
    pub fn tc_url(&self) -> Secret {
        Secret::new(format!("{}/{}", self.origin(), self.app.expose()))
    }

    /// Scheme, host and port as typed: never a secret.
    pub fn origin(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        match self.port {
            Some(port) => format!("{}://{host}:{port}", self.scheme.as_str()),
            None => format!("{}://{host}", self.scheme.as_str()),
        }
    }
}

/// The address with the values of its query masked, but for values of one or two characters, which
/// are switches like YouTube's `backup=1`.
impl fmt::Display for RtmpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let app = self.app.expose();
        let Some((path, query)) = app.split_once('?') else {
            return write!(f, "{}/{app}", self.origin());
        };
        write!(f, "{}/{path}?", self.origin())?;
        for (index, parameter) in query.split('&').enumerate() {
            let separator = if index == 0 { "" } else { "&" };
            match parameter.split_once('=') {
                Some((_, value)) if value.len() <= 2 => write!(f, "{separator}{parameter}")?,
                Some((name, _)) => write!(f, "{separator}{name}={MASK}")?,
                None => write!(f, "{separator}{MASK}")?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for RtmpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RtmpUrl({self})")
    }
}

fn split_scheme(text: &str) -> Result<(Scheme, &str), Error> {
    let (scheme, rest) = text.split_once("://").ok_or(Error::Scheme)?;
    if scheme.eq_ignore_ascii_case("rtmp") {
        Ok((Scheme::Rtmp, rest))
    } else if scheme.eq_ignore_ascii_case("rtmps") {
        Ok((Scheme::Rtmps, rest))
    } else {
        Err(Error::Scheme)
    }
}

fn split_authority(authority: &str) -> Result<(String, Option<u16>), Error> {
    if authority.contains('@') {
        return Err(Error::UserInfo);
    }
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => split_bracketed(rest)?,
        None => authority.split_once(':').unwrap_or((authority, "")),
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let is_address = host.parse::<Ipv6Addr>().is_ok();
    if host.is_empty() || host.len() > 253 || !(is_address || host.chars().all(plain)) {
        return Err(Error::Host);
    }
    Ok((host.to_owned(), parse_port(port)?))
}

/// Host and port of `host]:port` or `host]`.
fn split_bracketed(rest: &str) -> Result<(&str, &str), Error> {
    let (host, after) = rest.split_once(']').ok_or(Error::Host)?;
    host.parse::<Ipv6Addr>().map_err(|_| Error::Host)?;
    match after.strip_prefix(':') {
        Some(port) => Ok((host, port)),
        None if after.is_empty() => Ok((host, "")),
        None => Err(Error::Host),
    }
}

/// `None` when none is written.
fn parse_port(text: &str) -> Result<Option<u16>, Error> {
    if text.is_empty() {
        return Ok(None);
    }
    let port = text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten();
    port.filter(|port| *port != 0).map(Some).ok_or(Error::Port)
}

mod login;
#[cfg(test)]
mod tests;

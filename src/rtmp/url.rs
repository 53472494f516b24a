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
    /// `user:password@` is not understood.
    #[error("the address must not contain a user name or password")]
    UserInfo,
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

    fn as_str(self) -> &'static str {
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
    /// `?`, so that a query goes with the key.
    ///
    /// # Errors
    /// As [`RtmpUrl::parse`], and [`Error::NoKey`] when there is no part left for the key.
    pub fn parse_with_key(text: &str) -> Result<(Self, StreamKey), Error> {
        let text = text.trim();
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
        Some(rest) => {
            let (host, after) = rest.split_once(']').ok_or(Error::Host)?;
            host.parse::<Ipv6Addr>().map_err(|_| Error::Host)?;
            (
                host,
                after
                    .strip_prefix(':')
                    .or(if after.is_empty() { Some("") } else { None })
                    .ok_or(Error::Host)?,
            )
        }
        None => {
            let (host, port) = authority.split_once(':').unwrap_or((authority, ""));
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
            if host.is_empty() || host.len() > 253 || !host.chars().all(plain) {
                return Err(Error::Host);
            }
            (host, port)
        }
    };
    let port = match port {
        "" => None,
        digits if digits.bytes().all(|b| b.is_ascii_digit()) => {
            Some(digits.parse::<u16>().ok().filter(|port| *port != 0).ok_or(Error::Port)?)
        }
        _ => return Err(Error::Port),
    };
    Ok((host.to_owned(), port))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn splits_as_obs_does() {
        for (typed, host, port, app) in [
            ("rtmp://a.rtmp.youtube.com/live2", "a.rtmp.youtube.com", 1935, "live2"),
            ("rtmps://b.rtmps.youtube.com:443/live2?backup=1", "b.rtmps.youtube.com", 443, "live2?backup=1"),
            ("rtmps://live-api-s.facebook.com:443/rtmp/", "live-api-s.facebook.com", 443, "rtmp"),
            ("rtmps://rtmp-auto.millicast.com:443/v2/pub", "rtmp-auto.millicast.com", 443, "v2/pub"),
            ("rtmp://host:1935/kLive/?t=TOKEN", "host", 1935, "kLive/?t=TOKEN"),
            ("RTMPS://[::1]:1936/s/", "::1", 1936, "s"),
        ] {
            let url = RtmpUrl::parse(typed).unwrap();
            assert_eq!((url.host(), url.port(), url.app().expose()), (host, port, app), "{typed}");
        }
    }

    #[test]
    fn tc_url_is_as_typed_less_one_slash() {
        let url = RtmpUrl::parse("rtmps://live-api-s.facebook.com:443/rtmp/").unwrap();
        assert_eq!(url.tc_url().expose(), "rtmps://live-api-s.facebook.com:443/rtmp");
        let url = RtmpUrl::parse("rtmp://[::1]/live").unwrap();
        assert_eq!(url.tc_url().expose(), "rtmp://[::1]/live");
    }

    #[test]
    fn one_url_splits_at_the_last_slash_before_the_query() {
        for (typed, app, key) in [
            ("rtmp://h/live/abc", "live", "abc"),
            ("rtmp://vp-push.example/in/12345?secret", "in", "12345?secret"),
            ("rtmp://h/a/b/key?token=x/y", "a/b", "key?token=x/y"),
            ("rtmp://live-push.example/live-bvc/?streamname=s&key=k", "live-bvc", "?streamname=s&key=k"),
        ] {
            let (url, got) = RtmpUrl::parse_with_key(typed).unwrap();
            assert_eq!((url.app().expose(), got.expose()), (app, key), "{typed}");
        }
    }

    #[test]
    fn names_the_part_that_is_wrong() {
        for (typed, error) in [
            ("http://h/live", Error::Scheme),
            ("h/live", Error::Scheme),
            ("rtmp:///live", Error::Host),
            ("rtmp://[::1/live", Error::Host),
            ("rtmp://[::1]x/live", Error::Host),
            ("rtmp://ho%st/live", Error::Host),
            ("rtmp://h:0/live", Error::Port),
            ("rtmp://h:99999/live", Error::Port),
            ("rtmp://h:+1/live", Error::Port),
            ("rtmp://u:p@h/live", Error::UserInfo),
            ("rtmp://h", Error::App),
            ("rtmp://h/", Error::App),
            ("rtmp://h/li ve", Error::Characters),
            ("rtmp://h/live#k", Error::Fragment),
            ("rtmp://h/live?t=…", Error::Masked),
        ] {
            assert_eq!(RtmpUrl::parse(typed), Err(error), "{typed}");
        }
        assert_eq!(RtmpUrl::parse(&format!("rtmp://h/{}", "a".repeat(3000))), Err(Error::TooLong));
    }

    #[test]
    fn a_whole_url_without_a_key_says_so() {
        for typed in ["rtmp://h/live", "rtmp://h/live/", "rtmp://h/live?x=1"] {
            assert_eq!(RtmpUrl::parse_with_key(typed).unwrap_err(), Error::NoKey, "{typed}");
        }
        assert_eq!(RtmpUrl::parse_with_key("rtmp://h").unwrap_err(), Error::App);
    }

    #[test]
    fn showing_an_address_masks_its_query_values() {
        let url = RtmpUrl::parse("rtmps://h:443/live2?backup=1&t=CANARY&CANARY").unwrap();
        assert_eq!(url.to_string(), "rtmps://h:443/live2?backup=1&t=…&…");
        assert!(!format!("{url:?}").contains("CANARY"));
    }

    #[test]
    fn keys_are_taken_byte_for_byte() {
        assert_eq!(StreamKey::parse("FB-1?s_bl=1&a=Ab%20").unwrap().expose(), "FB-1?s_bl=1&a=Ab%20");
        for bad in ["", "a b", "a\nb", "a\u{7f}"] {
            assert_eq!(StreamKey::parse(bad).unwrap_err(), Error::Key);
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,60}") {
            let _ = RtmpUrl::parse(&text);
            let _ = RtmpUrl::parse_with_key(&format!("rtmp://{text}"));
        }

        #[test]
        fn round_trips(host in "[a-z]{1,8}", port in proptest::option::of(1u16..), app in "[a-z0-9/?=&]{0,20}[a-z0-9]") {
            prop_assume!(!app.starts_with('/'));
            let typed = match port { Some(p) => format!("rtmp://{host}:{p}/{app}"), None => format!("rtmp://{host}/{app}") };
            let url = RtmpUrl::parse(&typed).unwrap();
            let tc_url = url.tc_url();
            prop_assert_eq!(tc_url.expose(), typed.as_str());
            prop_assert_eq!(RtmpUrl::parse(tc_url.expose()).unwrap(), url);
        }
    }
}

//! A refusal in RTMP's words, ours or a server's.

use std::net::IpAddr;

use super::command::Command;
use super::url::{RtmpUrl, StreamKey};
use crate::secret::Secret;

/// Why publishing was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The status code, such as `NetStream.Publish.BadName`.
    pub code: String,
    /// A sentence, if there was one.
    pub description: String,
}

impl Rejection {
    /// Nobody publishes with this key. The code is one that OBS shows as a wrong key.
    pub fn bad_key() -> Self {
        Self {
            code: "NetStream.Publish.BadName".to_owned(),
            description: "This stream key is not known here: copy it again from the dashboard.".to_owned(),
        }
    }

    /// Too many wrong keys came from there: this one is not looked at. `seconds` is when one is again.
    pub fn too_many_guesses(seconds: u64) -> Self {
        Self {
            code: "NetStream.Publish.BadName".to_owned(),
            description: format!(
                "Too many wrong stream keys came from your address: check the key, and try again in {seconds} s."
            ),
        }
    }

    /// The key is good, but not from there. That is said in words, with the address as it is seen here: who
    /// holds a good key is the owner far more often than a thief, who cannot use it either way.
    pub fn wrong_address(address: IpAddr) -> Self {
        Self {
            code: "NetStream.Publish.BadName".to_owned(),
            description: format!(
                "This stream takes no encoder from your address, {address}: add it to the allowed addresses."
            ),
        }
    }

    /// The key is good, but its stream wants a login, too, and this encoder has shown none, or another one.
    pub fn no_login() -> Self {
        Self {
            code: "NetStream.Publish.BadName".to_owned(),
            description: "This stream asks for a user name and a password: enter both in the encoder."
                .to_owned(),
        }
    }

    /// Somebody else is publishing with this key.
    pub fn busy() -> Self {
        Self {
            code: "NetStream.Publish.BadName".to_owned(),
            description: "Another encoder is already publishing with this stream key.".to_owned(),
        }
    }

    /// Somebody else took over, or may no longer publish with this key.
    pub fn replaced() -> Self {
        Self {
            code: "NetStream.Publish.BadName".to_owned(),
            description: "Another encoder took over, or your stream key or address is no longer accepted."
                .to_owned(),
        }
    }

    /// Whether somebody else, most often our own session of a moment ago, publishes with the key.
    /// Servers tell it by their words alone: the code is one that they use for wrong keys too.
    pub fn is_busy(&self) -> bool {
        let said = self.description.to_lowercase();
        BUSY.iter().any(|words| said.contains(words))
    }

    /// What a server said. Its words are not to be trusted: control characters are taken out, it is
    /// cut to 256 characters, and the key, the tokens of the address and what was said of a login are
    /// masked if the server echoes them.
    pub(super) fn from_peer(
        command: &Command,
        url: &RtmpUrl,
        key: &StreamKey,
        login: Option<&Secret>,
    ) -> Self {
        let login = login.map(Secret::expose).unwrap_or_default();
        let secrets = secrets(url.app().expose(), key.expose(), login);
        let clean = |name| scrub(command.info(name).unwrap_or_default(), &secrets);
        Self { code: clean("code"), description: clean("description") }
    }
}

impl std::fmt::Display for Rejection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.code.as_str(), self.description.as_str()) {
            ("", "") => f.write_str("no reason given"),
            (code, "") => f.write_str(code),
            ("", description) => f.write_str(description),
            (code, description) => write!(f, "{description} ({code})"),
        }
    }
}

/// What servers say of a key in use: nginx-rtmp, Node-Media-Server, ZLMediaKit and this relay the
/// first, Flash Media Server the second, Wowza the third; the rest are turns of the same phrase.
const BUSY: [&str; 12] = [
    "already publishing",
    "already being published",
    "already in use",
    "currently in use",
    "key is in use",
    "name is in use",
    "already exists",
    "already streaming",
    "already live",
    "already broadcasting",
    "stream is busy",
    "stream busy",
];

/// What must not be shown, whole texts before their parts: the key, with and without its query, and
/// the values in the queries of both and of a login.
fn secrets<'a>(app: &'a str, key: &'a str, login: &'a str) -> Vec<&'a str> {
    let (bare, query) = key.split_once('?').unwrap_or((key, ""));
    let (_, app_query) = app.split_once('?').unwrap_or((app, ""));
    let parameters = query.split('&').chain(app_query.split('&')).chain(login.split('&'));
    let values = parameters.map(|text| text.split_once('=').map_or(text, |(_, value)| value));
    // Shorter words than this would blot out ordinary text and are no secret.
    [key, bare].into_iter().chain(values).filter(|secret| secret.len() >= 4).collect()
}

/// Makes a peer's text fit for logs and pages.
fn scrub(text: &str, secrets: &[&str]) -> String {
    let text = secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret, "…"));
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.take(256).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rtmp::command::Level;

    #[test]
    fn a_servers_words_are_cleaned() {
        let text = format!("no stream 'CANARY?t=1'\r\nCANARY \u{1b}[31m{}", "x".repeat(500));
        let said = Command::on_status(Level::Error, "NetStream.Publish.BadName", &text);
        let url = RtmpUrl::parse("rtmp://h/live").unwrap();
        let got = Rejection::from_peer(&said, &url, &StreamKey::new("CANARY?t=1"), None);
        assert!(got.description.starts_with("no stream '…'  …  [31mxxx"), "{got}");
        assert_eq!(got.description.chars().count(), 256);
    }

    #[test]
    fn a_server_that_echoes_tokens_does_not_spread_them() {
        let said = Command::on_status(
            Level::Error,
            "NetStream.Publish.Denied",
            "no app kLive/?t=APPTOKEN&b=1 for rtmp://h/kLive/?t=APPTOKEN, stream name, query sign=KEYTOKEN",
        );
        let url = RtmpUrl::parse("rtmp://h/kLive/?t=APPTOKEN&b=1").unwrap();
        let got = Rejection::from_peer(&said, &url, &StreamKey::new("key?sign=KEYTOKEN"), None);
        assert_eq!(
            got.description,
            "no app kLive/?t=…&b=1 for rtmp://h/kLive/?t=…, stream name, query sign=…"
        );
    }

    #[test]
    fn a_server_that_echoes_a_login_does_not_spread_it() {
        let words = "no app live?authmod=adobe&user=ann&response=RESPONSE==&opaque=abcdef";
        let said = Command::on_status(Level::Error, "NetConnection.Connect.Rejected", words);
        let url = RtmpUrl::parse("rtmp://h/live").unwrap();
        let login =
            Secret::new("authmod=adobe&user=ann&challenge=0badcafe&response=RESPONSE==&opaque=abcdef");
        let got = Rejection::from_peer(&said, &url, &StreamKey::new("key"), Some(&login));
        assert_eq!(got.description, "no app live?authmod=…&user=ann&response=…&opaque=…");
    }

    fn said(description: &str) -> Rejection {
        Rejection { code: "NetStream.Publish.BadName".to_owned(), description: description.to_owned() }
    }

    #[test]
    fn a_key_in_use_is_told_from_a_wrong_one() {
        for words in [
            "Already publishing",
            "Stream already publishing",
            "Already publishing.",
            "Attempt to publish a stream which is already being published by someone else.",
            "Stream name is already in use: …",
            "stream busy",
        ] {
            assert!(said(words).is_busy(), "{words}");
        }
        assert!(Rejection::busy().is_busy());
        for words in [
            "",
            "Invalid stream key",
            "Publish denied: the broadcast has already ended",
            "This key has already expired",
            "stream not found",
            "The server is busy, try again later",
            "Too many publishers",
        ] {
            assert!(!said(words).is_busy(), "{words}");
        }
        assert!(!Rejection::bad_key().is_busy());
        assert!(!Rejection::replaced().is_busy());
    }

    #[test]
    fn shows_what_there_is() {
        let show = |code: &str, description: &str| {
            Rejection { code: code.to_owned(), description: description.to_owned() }.to_string()
        };
        assert_eq!(show("", ""), "no reason given");
        assert_eq!(show("A.B", ""), "A.B");
        assert_eq!(show("A.B", "why"), "why (A.B)");
    }
}

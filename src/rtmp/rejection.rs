//! A refusal in RTMP's words, ours or a server's.

use super::command::Command;
use super::url::StreamKey;

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
            description: "Another encoder took over, or the stream key was changed.".to_owned(),
        }
    }

    /// What a server said. Its words are not to be trusted: control characters are taken out, it is
    /// cut to 256 characters, and the key is masked if the server echoes it.
    pub(super) fn from_peer(command: &Command, key: &StreamKey) -> Self {
        let clean = |name| scrub(command.info(name).unwrap_or_default(), key);
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

/// Makes a peer's text fit for logs and pages.
fn scrub(text: &str, key: &StreamKey) -> String {
    let key = key.expose();
    let bare = key.split('?').next().unwrap_or_default();
    let mut text = text.to_owned();
    // Shorter words than this would blot out ordinary text and are no secret.
    for secret in [key, bare].into_iter().filter(|secret| secret.len() >= 4) {
        text = text.replace(secret, "…");
    }
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
        let got = Rejection::from_peer(&said, &StreamKey::new("CANARY?t=1"));
        assert!(got.description.starts_with("no stream '…'  …  [31mxxx"), "{got}");
        assert_eq!(got.description.chars().count(), 256);
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

//! Why feeding a target ended, in words for a person.

use std::time::Duration;

use crate::net;
use crate::rtmp::Rejection;

/// Why an attempt to feed a target failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The connection could not be made or kept.
    #[error(transparent)]
    Link(#[from] net::Error),
    /// The target refused in RTMP's words.
    #[error("the server refused the stream: {0}")]
    Rejected(Rejection),
}

impl From<net::AskError> for Failure {
    fn from(error: net::AskError) -> Self {
        match error {
            net::AskError::Link(error) => Self::Link(error),
            net::AskError::Rejected { why, .. } => Self::Rejected(why),
        }
    }
}

impl Failure {
    /// One sentence on what happened, after a session that was fed for `fed`; `None` if the target
    /// never took the stream.
    pub fn explain(&self, fed: Option<Duration>) -> String {
        match (self, fed) {
            (Self::Link(net::Error::Closed), None) => {
                "The server closed the connection without accepting the stream: check the address and the \
                 stream key."
                    .to_owned()
            }
            (Self::Link(net::Error::Closed), Some(fed)) if fed < SUSPICIOUS => format!(
                "The server closed the connection {:.1} s after it accepted the stream: the stream key may be \
                 wrong.",
                fed.as_secs_f64()
            ),
            (Self::Link(net::Error::Closed), Some(_)) => "The server closed the connection.".to_owned(),
            (Self::Link(net::Error::Stalled(limit)), _) => format!(
                "The server took no data for {} s: it, or the network to it, is too slow.",
                limit.as_secs()
            ),
            (failure, _) => sentence(&failure.to_string()),
        }
    }
}

/// Platforms refuse a key by closing soon after they seemed to accept it.
const SUSPICIOUS: Duration = Duration::from_secs(10);

/// A capital letter in front, a full stop behind.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    let stop = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{stop}", letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_means_different_things_at_different_times() {
        let closed = Failure::from(net::Error::Closed);
        assert!(closed.explain(None).contains("without accepting"));
        assert!(closed.explain(Some(Duration::from_millis(1_200))).contains("1.2 s after"));
        assert_eq!(closed.explain(Some(Duration::from_secs(600))), "The server closed the connection.");
    }

    #[test]
    fn what_the_server_said_is_shown() {
        let why = Rejection {
            code: "NetStream.Publish.BadName".to_owned(),
            description: "Already publishing".to_owned(),
        };
        assert_eq!(
            Failure::Rejected(why).explain(None),
            "The server refused the stream: Already publishing (NetStream.Publish.BadName)."
        );
    }
}

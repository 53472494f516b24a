//! Why feeding a target ended: of what kind it was, and in words for a person.

use std::time::Duration;

use super::backoff::PLAUSIBLE;
use super::offer::Untaken;
use crate::model::{ErrorKind, Platform, Step};
use crate::net;
use crate::rtmp::{FourCc, Rejection, RtmpUrl, auth};

/// A failed attempt to feed a target.
#[derive(Debug)]
pub struct Failure {
    /// What went wrong.
    pub why: Why,
    /// Where on the way; `None` in mid-stream.
    pub step: Option<Step>,
    /// For how long the target had been fed; `None` if it never took the stream.
    pub fed: Option<Duration>,
}

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum Why {
    /// The connection could not be made or kept.
    #[error(transparent)]
    Link(#[from] net::Error),
    /// The target refused in RTMP's words.
    #[error("the server refused the stream: {0}")]
    Rejected(Rejection),
    /// The target does not take what the encoder sends.
    #[error("the target {0}")]
    Untaken(#[from] Untaken),
    /// The target wants another login than it can be given.
    #[error("the server {0}")]
    Login(#[from] auth::Refusal),
    /// The target does not take a codec of the stream, so that nothing was published.
    #[error("the server does not accept {0}")]
    Unfit(FourCc),
    /// The target sends the stream elsewhere, and elsewhere again.
    #[error("the server sends the stream to {}", .0.origin())]
    Redirected(RtmpUrl),
    /// The target sent the stream to another server, and there it failed.
    #[error("the server sends the stream to {}, but there: {why}", .to.origin())]
    Elsewhere {
        /// Where it was sent.
        to: RtmpUrl,
        /// What went wrong.
        why: Box<Self>,
    },
    /// The target takes data, but far too slowly.
    #[error("the server, or the network to it, is far too slow for the stream")]
    TooSlow,
}

impl Failure {
    /// What decides how the target goes on.
    pub fn kind(&self) -> ErrorKind {
        self.kind_of(&self.why)
    }

    fn kind_of(&self, why: &Why) -> ErrorKind {
        match why {
            Why::Rejected(why) if why.is_busy() => ErrorKind::PublishBusy,
            Why::Rejected(_) if self.step == Some(Step::Connect) => ErrorKind::ConnectRejected,
            Why::Rejected(_) => ErrorKind::PublishRejected,
            Why::Untaken(_) => ErrorKind::Codec,
            Why::Login(_) => ErrorKind::Auth,
            Why::Unfit(_) => ErrorKind::PublishRejected,
            Why::Redirected(_) => ErrorKind::ConnectRejected,
            // The address is the server's choice: another one may be good the next time.
            Why::Elsewhere { why, .. } => match self.kind_of(why) {
                ErrorKind::Policy => ErrorKind::ConnectRejected,
                kind => kind,
            },
            Why::TooSlow => ErrorKind::WriteStall,
            Why::Link(error) => self.link_kind(error),
        }
    }

    fn link_kind(&self, error: &net::Error) -> ErrorKind {
        match error {
            net::Error::UnknownHost => ErrorKind::DnsNxdomain,
            net::Error::Lookup(_) => ErrorKind::DnsTemp,
            net::Error::Forbidden { .. } | net::Error::Port(_) | net::Error::Loop => ErrorKind::Policy,
            net::Error::Refused => ErrorKind::TcpRefused,
            net::Error::Unreachable | net::Error::Connect(_) => ErrorKind::Unreachable,
            net::Error::Certificate(_) => ErrorKind::TlsVerify,
            net::Error::NotTls | net::Error::TlsClosed | net::Error::Tls(_) => ErrorKind::TlsIo,
            net::Error::Timeout { step, .. } => match shown(*step) {
                Step::Resolving => ErrorKind::DnsTemp,
                Step::Connecting => ErrorKind::TcpTimeout,
                Step::Tls => ErrorKind::TlsIo,
                Step::Handshake => ErrorKind::HandshakeTimeout,
                Step::Connect | Step::Publish => ErrorKind::AnswerTimeout,
            },
            net::Error::Closed => match (self.step, self.fed) {
                (_, Some(fed)) if fed >= PLAUSIBLE => ErrorKind::ClosedMidstream,
                (Some(Step::Publish), _) | (_, Some(_)) => ErrorKind::ClosedAfterPublish,
                _ => ErrorKind::ClosedBeforePublish,
            },
            net::Error::Stalled(_) => ErrorKind::WriteStall,
            net::Error::ClosedUnheard => ErrorKind::ClosedBeforePublish,
            net::Error::Dead | net::Error::Io(_) => ErrorKind::PeerDead,
            net::Error::WantsTls | net::Error::Rtmp(_) => ErrorKind::Protocol,
        }
    }

    /// Whether it says that the server that was asked is in trouble, and not just this target.
    pub(super) fn is_about_server(&self) -> bool {
        !matches!(self.why, Why::Elsewhere { .. }) && self.kind().is_about_server()
    }

    /// One sentence on what happened at `host`, for the `times`-th time in a row.
    pub fn explain(&self, host: &str, times: u32) -> String {
        let who = Platform::of_host(host).map_or("The server", |platform| platform.name);
        let again = if times > 1 { format!(" for the {} time", ordinal(times)) } else { String::new() };
        match (self.kind(), &self.why) {
            (_, Why::Unfit(codec)) => format!("{who} does not accept {codec}, so nothing was sent."),
            (_, Why::Redirected(to)) => {
                format!(
                    "{who} sends the stream from one server to the next, the last time to {}.",
                    to.origin()
                )
            }
            (_, Why::Elsewhere { to, why }) => {
                format!(
                    "{who} sends the stream to {}, but there: {}",
                    to.origin(),
                    sentence(&why.to_string())
                )
            }
            (ErrorKind::ClosedAfterPublish, _) => {
                let when = match self.fed {
                    Some(fed) if fed < Duration::from_millis(50) => "right after publish".to_owned(),
                    Some(fed) => format!("{:.1} s after publish", fed.as_secs_f64()),
                    None => "instead of accepting the stream".to_owned(),
                };
                let likely = if times >= 3 { "is probably" } else { "may be" };
                format!("{who} closed the connection {when}{again}: the stream key {likely} wrong.")
            }
            (ErrorKind::ClosedMidstream, _) => format!("{who} closed the connection."),
            (ErrorKind::ClosedBeforePublish, Why::Link(net::Error::Closed)) => match self.step {
                // nginx-rtmp does so without a word.
                Some(Step::Connect) => format!(
                    "{who} closed the connection when it was asked for the application: check what follows \
                     the host in the address."
                ),
                _ => format!(
                    "{who} closed the connection before it was asked to take the stream: check the address."
                ),
            },
            (ErrorKind::PublishBusy, Why::Rejected(why)) => format!(
                "{who} says that the stream key is in use: {why}. If no other encoder uses it, that is splitcast's last connection, which ends by itself."
            ),
            (_, Why::Untaken(why)) => {
                let who = if Platform::of_host(host).is_some() { who } else { "This target" };
                format!("{who} {why}.")
            }
            (ErrorKind::ConnectRejected, Why::Rejected(why)) => {
                format!("{who} refused the application that the address names{again}: {why}.")
            }
            (_, Why::Login(why)) => format!("{who} {why}."),
            (_, Why::Rejected(why)) => format!("{who} refused the stream{again}: {why}."),
            (_, Why::Link(net::Error::Rtmp(error))) => {
                let advice = match self.step {
                    Some(Step::Handshake) => ", so check the address and the port",
                    _ => "",
                };
                format!("{who} does not keep to RTMP{advice}: {error}.")
            }
            (_, Why::Link(net::Error::Stalled(limit))) => {
                format!(
                    "{who} took no data for {} s: it, or the network to it, is too slow.",
                    limit.as_secs()
                )
            }
            (_, why) => sentence(&why.to_string()),
        }
    }
}

impl ErrorKind {
    /// Whether a failure of this kind says that the server is in trouble, and not just this target.
    pub(super) fn is_about_server(self) -> bool {
        matches!(
            self,
            Self::TcpRefused
                | Self::TcpTimeout
                | Self::Unreachable
                | Self::TlsIo
                | Self::HandshakeTimeout
                | Self::AnswerTimeout
                | Self::ClosedBeforePublish
                | Self::WriteStall
        )
    }
}

/// A step of the network's as the outside knows it.
pub(super) fn shown(step: net::Step) -> Step {
    match step {
        net::Step::Resolving => Step::Resolving,
        net::Step::Connecting => Step::Connecting,
        net::Step::Tls => Step::Tls,
        net::Step::Handshake => Step::Handshake,
        net::Step::Connect => Step::Connect,
        net::Step::CreateStream | net::Step::Publish => Step::Publish,
    }
}

fn ordinal(number: u32) -> String {
    match number {
        2 => "second".to_owned(),
        3 => "third".to_owned(),
        4 => "fourth".to_owned(),
        5 => "fifth".to_owned(),
        _ => {
            let end = match (number % 10, number % 100) {
                (_, 11..=13) => "th",
                (1, _) => "st",
                (2, _) => "nd",
                (3, _) => "rd",
                _ => "th",
            };
            format!("{number}{end}")
        }
    }
}

/// A capital letter in front, a full stop behind.
pub(super) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    let stop = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{stop}", letters.as_str())
}

#[cfg(test)]
mod tests;

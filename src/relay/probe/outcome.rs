//! How a test ended, in one word for programs.

use rustls::CertificateError;

use super::report::ProbeStep;
use crate::model::words;
use crate::net::Error;
use crate::relay::failure::Why;
use crate::rtmp::auth::Refusal;
use crate::rtmp::{connection, session};

/// How a test ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProbeOutcome {
    /// The server took the stream and stayed.
    Accepted,
    /// The server said yes, and closed the connection a moment later.
    AcceptedThenClosed,
    /// The server refused the stream key, in words or by closing.
    KeyRefused,
    /// Somebody publishes with the key already.
    KeyInUse,
    /// The server asks for a user name and a password, and there are none.
    LoginWanted,
    /// The server refused the user name or the password, or asks for them in a way that is not known.
    LoginRefused,
    /// The server refused the application, in words or by closing.
    AppRefused,
    /// What answers, or does not, is no RTMP server.
    NotRtmp,
    /// The server speaks TLS where plain RTMP was meant, or the other way round.
    WrongScheme,
    /// The certificate's time is over.
    CertificateExpired,
    /// The certificate is signed by nobody who is trusted.
    CertificateUntrusted,
    /// The certificate is made out to another host.
    CertificateWrongName,
    /// Anything else is wrong with the certificate.
    CertificateInvalid,
    /// TLS could not be agreed on.
    TlsFailed,
    /// There is no such host.
    UnknownHost,
    /// The host's address could not be looked up just now.
    LookupFailed,
    /// The machine is there, and nobody listens at the port.
    PortRefused,
    /// Nothing answers.
    Unreachable,
    /// The address may not be pushed to.
    NotAllowed,
    /// The server speaks RTMP and fell silent.
    NoAnswer,
    /// The connection broke, or the server broke the protocol.
    Broken,
}

words!(ProbeOutcome {
    Accepted = "accepted",
    AcceptedThenClosed = "accepted_then_closed",
    KeyRefused = "key_refused",
    KeyInUse = "key_in_use",
    LoginWanted = "login_wanted",
    LoginRefused = "login_refused",
    AppRefused = "app_refused",
    NotRtmp = "not_rtmp",
    WrongScheme = "wrong_scheme",
    CertificateExpired = "certificate_expired",
    CertificateUntrusted = "certificate_untrusted",
    CertificateWrongName = "certificate_wrong_name",
    CertificateInvalid = "certificate_invalid",
    TlsFailed = "tls_failed",
    UnknownHost = "unknown_host",
    LookupFailed = "lookup_failed",
    PortRefused = "port_refused",
    Unreachable = "unreachable",
    NotAllowed = "not_allowed",
    NoAnswer = "no_answer",
    Broken = "broken",
});

impl ProbeOutcome {
    /// What a failure at a step means.
    pub(super) fn of(why: &Why, at: ProbeStep) -> Self {
        match why {
            Why::Rejected(why) if why.is_busy() => Self::KeyInUse,
            Why::Rejected(_) if at == ProbeStep::Connect => Self::AppRefused,
            Why::Rejected(_) => Self::KeyRefused,
            Why::Login(Refusal::NoLogin) => Self::LoginWanted,
            Why::Login(_) => Self::LoginRefused,
            Why::Unfit(_) | Why::Redirected(_) => Self::AppRefused,
            Why::Elsewhere { why, .. } => Self::of(why, at),
            Why::Link(error) => Self::of_link(error, at),
            _ => Self::Broken,
        }
    }

    fn of_link(error: &Error, at: ProbeStep) -> Self {
        match error {
            Error::UnknownHost => Self::UnknownHost,
            Error::Lookup(_) => Self::LookupFailed,
            Error::Forbidden { .. } | Error::Port(_) | Error::Loop => Self::NotAllowed,
            Error::Refused => Self::PortRefused,
            Error::Unreachable | Error::Connect(_) => Self::Unreachable,
            Error::Certificate(flaw) => Self::of_certificate(flaw),
            Error::NotTls | Error::WantsTls => Self::WrongScheme,
            Error::TlsClosed | Error::Tls(_) => Self::TlsFailed,
            Error::Timeout { .. } => match at {
                ProbeStep::Dns => Self::LookupFailed,
                ProbeStep::Tcp => Self::Unreachable,
                ProbeStep::Tls => Self::TlsFailed,
                ProbeStep::Handshake => Self::NotRtmp,
                _ => Self::NoAnswer,
            },
            Error::Closed | Error::ClosedUnheard => match at {
                ProbeStep::Connect => Self::AppRefused,
                ProbeStep::CreateStream | ProbeStep::Publish => Self::KeyRefused,
                ProbeStep::Listen => Self::AcceptedThenClosed,
                _ => Self::NotRtmp,
            },
            Error::Rtmp(session::Error::Connection(connection::Error::Handshake(_))) => Self::NotRtmp,
            Error::Dead | Error::Stalled(_) | Error::Io(_) | Error::Rtmp(_) => Self::Broken,
        }
    }

    fn of_certificate(flaw: &CertificateError) -> Self {
        use CertificateError as Flaw;
        match flaw {
            Flaw::Expired | Flaw::ExpiredContext { .. } => Self::CertificateExpired,
            Flaw::UnknownIssuer | Flaw::BadSignature => Self::CertificateUntrusted,
            Flaw::NotValidForName | Flaw::NotValidForNameContext { .. } => Self::CertificateWrongName,
            _ => Self::CertificateInvalid,
        }
    }
}

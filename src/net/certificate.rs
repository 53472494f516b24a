//! What is wrong with a server's certificate, in words for whoever can mend it.

use rustls::CertificateError;

mod shown;

pub use shown::Shown;

/// What is wrong, and what to do about it; the TLS library's words for what is rare.
pub(super) fn flaw(error: &CertificateError) -> String {
    use CertificateError as Flaw;
    match error {
        Flaw::Expired => format!("it has expired; {CLOCK_OR_OWNER}"),
        Flaw::ExpiredContext { time, not_after } => {
            let ago = span(time.as_secs().saturating_sub(not_after.as_secs()));
            format!("it expired {ago} ago; {CLOCK_OR_OWNER}")
        }
        Flaw::NotValidYet | Flaw::NotValidYetContext { .. } => {
            "its time has not begun, so check this machine's clock".to_owned()
        }
        Flaw::NotValidForNameContext { expected, .. } => {
            format!("it is not made out to {}, so check the host name in the address", expected.to_str())
        }
        Flaw::NotValidForName => {
            "it is made out to another name, so check the host name in the address".to_owned()
        }
        // Another authority's of the same name, as when one's own was made anew.
        Flaw::BadSignature => "its signature does not fit the authority it names; if the server is yours, name \
             its present certificate with --target-ca"
            .to_owned(),
        Flaw::UnknownIssuer => "it is signed by nobody known here; if the server is yours, name its \
             certificate with --target-ca"
            .to_owned(),
        // What tools make who are asked for a self-signed certificate and nothing else.
        Flaw::Other(other) if other.to_string() == "CaUsedAsEndEntity" => {
            "it is marked as an authority's own, which no server may show; if the server is yours, make it one \
             that is marked CA:FALSE, and name that with --target-ca"
                .to_owned()
        }
        _ => error.to_string(),
    }
}

const CLOCK_OR_OWNER: &str = "whoever runs the server must renew it, unless this machine's clock is wrong";

/// A span of time in its largest unit.
fn span(seconds: u64) -> String {
    let (count, unit) = match seconds {
        0..120 => (seconds, "seconds"),
        120..7_200 => (seconds / 60, "minutes"),
        7_200..172_800 => (seconds / 3_600, "hours"),
        _ => (seconds / 86_400, "days"),
    };
    format!("{count} {unit}")
}

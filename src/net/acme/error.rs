//! Why there is no certificate, in words for whoever can mend it.

use std::fmt;
use std::io;

use instant_acme::Problem;

use super::http::Unreachable;
use super::order::Way;
use crate::net::certificates::Flaw;

/// Why an authority gave no certificate, or it could not be kept.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// It does not believe that a name leads here.
    #[error("{}", Refusal { problem, name: Some((name, *way)) })]
    Unproved { name: String, way: Way, problem: Problem },
    /// It refused something else.
    #[error("{}", Refusal { problem, name: None })]
    Refused { problem: Problem },
    /// It wants another kind of proof.
    #[error("the authority does not look at port {} of {name}, which is all that it can be shown", way.port())]
    NotOffered { name: String, way: Way },
    /// It does not say what it did not like.
    #[error("the authority refused the order and did not say why")]
    Unexplained,
    /// It is not to be reached.
    #[error("the directory cannot be reached: {0}")]
    Unreachable(Box<Unreachable>),
    /// It does not end what it began.
    #[error("the authority does not come to an end with the order")]
    Slow,
    /// It says what no authority would.
    #[error("the directory's answers are not those of an ACME directory, so check --acme-directory: {0}")]
    Client(instant_acme::Error),
    /// What it gave is no certificate.
    #[error("what the authority gave {0}")]
    Flaw(#[from] Flaw),
    /// No key could be made.
    #[error("no key could be made: {0}")]
    Key(#[from] rcgen::Error),
    /// The key for an answer cannot be used.
    #[error("no answer could be made: {0}")]
    Answer(#[from] rustls::Error),
    /// What it gave is not what was asked for.
    #[error("the authority gave a certificate that is for other names, or at its end already")]
    Useless,
    /// The data folder failed us.
    #[error("the account cannot be kept in the data folder: {0}")]
    Keep(#[from] io::Error),
}

impl Error {
    /// Whether the authority has been asked too much.
    pub(super) fn is_about_rate(&self) -> bool {
        self.kind() == Some("rateLimited")
    }

    /// Whether the authority does not know the account.
    pub(super) fn is_about_account(&self) -> bool {
        self.kind() == Some("accountDoesNotExist")
    }

    fn kind(&self) -> Option<&str> {
        match self {
            Self::Unproved { problem, .. } | Self::Refused { problem } => kind(problem),
            _ => None,
        }
    }
}

impl From<instant_acme::Error> for Error {
    fn from(error: instant_acme::Error) -> Self {
        match error {
            instant_acme::Error::Api(problem) => Self::Refused { problem },
            instant_acme::Error::Timeout(_) => Self::Slow,
            instant_acme::Error::Other(other) => match other.downcast() {
                Ok(unreachable) => Self::Unreachable(unreachable),
                Err(other) => Self::Client(instant_acme::Error::Other(other)),
            },
            other => Self::Client(other),
        }
    }
}

/// What an authority says, and what to do about it.
struct Refusal<'a> {
    problem: &'a Problem,
    /// Which name was looked at, and how.
    name: Option<(&'a str, Way)>,
}

impl fmt::Display for Refusal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cause(f)?;
        match self.problem.detail.as_deref() {
            Some(detail) => write!(f, " (it says: {})", cleaned(detail)),
            None => Ok(()),
        }
    }
}

impl Refusal<'_> {
    fn cause(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = kind(self.problem).unwrap_or("");
        if let Some((name, way)) = self.name {
            let port = way.port();
            match kind {
                "connection" => {
                    return write!(
                        f,
                        "the authority could not connect to port {port} of {name}: open that port in the firewall \
                     and forward it to this machine"
                    );
                }
                "dns" => {
                    return write!(
                        f,
                        "the authority found no address for {name}: make one in its DNS that leads to this machine"
                    );
                }
                "unauthorized" | "incorrectResponse" | "tls" => {
                    return write!(
                        f,
                        "the authority did not find at port {port} of {name} what only this relay can show: see that its \
                     DNS, and your router's forwarding of that port, lead to this machine"
                    );
                }
                "caa" => return write!(f, "the CAA records in the DNS of {name} forbid this authority"),
                _ => {}
            }
        }
        f.write_str(match kind {
            "rateLimited" => "the authority has been asked too often and wants to be left alone for a while",
            "rejectedIdentifier" => {
                "the authority gives no certificates for these names, so check --acme-domain"
            }
            "invalidContact" | "unsupportedContact" => {
                "the authority does not like the address, so check --acme-email"
            }
            "externalAccountRequired" => {
                "the authority wants an account that is made elsewhere, which splitcast cannot use: choose \
                 another with --acme-directory"
            }
            "accountDoesNotExist" => "the authority does not know the account any more, and another is made",
            "serverInternal" => "the authority has trouble of its own",
            _ => "the authority refused the order",
        })
    }
}

/// The last part of what kind of problem it is.
fn kind(problem: &Problem) -> Option<&str> {
    problem.r#type.as_deref()?.strip_prefix("urn:ietf:params:acme:error:")
}

/// What a stranger says, fit for a log.
fn cleaned(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST).collect()
}

/// How much of it is shown, in characters.
const LONGEST: usize = 300;

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(kind: &str, detail: &str) -> Problem {
        let json =
            serde_json::json!({ "type": format!("urn:ietf:params:acme:error:{kind}"), "detail": detail });
        serde_json::from_value(json).unwrap()
    }

    fn unproved(kind: &str) -> String {
        let problem = problem(kind, "no route");
        Error::Unproved { name: "relay.example".to_owned(), way: Way::Tls, problem }.to_string()
    }

    #[test]
    fn a_name_that_leads_elsewhere_says_what_to_do() {
        for (kind, words) in [
            ("connection", "open that port"),
            ("dns", "make one in its DNS"),
            ("unauthorized", "lead to this machine"),
            ("caa", "CAA records"),
        ] {
            let told = unproved(kind);
            assert!(told.contains(words) && told.contains("relay.example"), "{told}");
            assert!(told.ends_with("(it says: no route)"), "{told}");
        }
    }

    #[test]
    fn what_is_known_of_the_rest_is_told() {
        let told = |kind| Error::from(instant_acme::Error::Api(problem(kind, "x")));
        assert!(told("rateLimited").is_about_rate());
        assert!(told("accountDoesNotExist").is_about_account());
        assert!(told("rejectedIdentifier").to_string().contains("--acme-domain"));
        assert!(told("odd").to_string().contains("refused the order (it says: x)"));
        assert!(!told("odd").is_about_rate());
    }

    #[test]
    fn a_long_story_is_cut_and_keeps_to_its_line() {
        let problem = problem("odd", &format!("a\nb{}", "c".repeat(1_000)));
        let told = Error::Refused { problem }.to_string();
        assert!(told.contains("a b") && told.len() < 400, "{told}");
    }
}

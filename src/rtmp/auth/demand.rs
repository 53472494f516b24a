//! What a server says that wants a login.
//!
//! Every server has words of its own: Flash Media Server writes brackets and colons, others leave them
//! out, some write more after them. Only what all have in common is looked for.

use super::{Scheme, adobe, llnw};
use crate::secret::Secret;

/// What a server that refused `connect` wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Demand {
    /// A user name.
    Login(Scheme),
    /// An answer to this.
    Adobe(adobe::Challenge),
    /// An answer to this.
    Llnw(llnw::Challenge),
    /// Another password, or another user name.
    BetterLogin,
    /// Another user name.
    KnownUser,
    /// A login by a scheme that nobody here knows.
    Unknown,
    /// A login, in words that cannot be read.
    Unreadable,
}

impl Demand {
    /// Reads the description of a refused `connect`; `None` if it is not about a login.
    pub fn read(description: &str) -> Option<Self> {
        let scheme =
            word_after(description, "authmod=").map(|word| match word.to_ascii_lowercase().as_str() {
                "adobe" => Ok(Scheme::Adobe),
                "llnw" => Ok(Scheme::Llnw),
                _ => Err(Self::Unknown),
            });
        if let Some(reason) = word_after(description, "reason=") {
            return match reason.to_ascii_lowercase().as_str() {
                "needauth" => Some(challenge(description, scheme)),
                "authfailed" => Some(Self::BetterLogin),
                "nosuchuser" => Some(Self::KnownUser),
                // Some other trouble, in the words of one of these schemes.
                _ => None,
            };
        }
        match scheme? {
            Ok(scheme) => Some(Self::Login(scheme)),
            Err(unknown) => Some(unknown),
        }
    }
}

fn challenge(description: &str, scheme: Option<Result<Scheme, Demand>>) -> Demand {
    let value = |name: &str| parameter(description, name).map(Secret::new);
    let by_content = || if value("nonce").is_some() { Scheme::Llnw } else { Scheme::Adobe };
    let found = match scheme {
        Some(Err(unknown)) => return unknown,
        scheme => scheme.and_then(Result::ok).unwrap_or_else(by_content),
    };
    let challenge = match found {
        Scheme::Llnw => value("nonce").map(|nonce| Demand::Llnw(llnw::Challenge { nonce })),
        Scheme::Adobe => {
            let (salt, opaque) = (value("salt"), value("opaque"));
            let challenge = value("challenge").or_else(|| opaque.clone());
            let both = salt.zip(challenge);
            both.map(|(salt, challenge)| Demand::Adobe(adobe::Challenge { salt, challenge, opaque }))
        }
    };
    challenge.unwrap_or(Demand::Unreadable)
}

/// The letters after a name, wherever it stands first.
fn word_after<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, after) = text.split_once(name)?;
    let end = after.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(after.len());
    after.get(..end)
}

/// The value of a parameter, byte for byte. None is empty or longer than any server's.
fn parameter<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let parameters = text.split(|c: char| matches!(c, '?' | '&' | ']') || c.is_whitespace());
    let value =
        parameters.filter_map(|parameter| parameter.split_once('=')).find(|(known, _)| *known == name);
    value.map(|(_, value)| value).filter(|value| (1..=LONGEST).contains(&value.len()))
}

const LONGEST: usize = 1024;

//! What an encoder says of its login when it connects.

use crate::secret::Secret;

/// What stood in the queries of a `connect`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offer {
    /// Nothing of a login.
    Nothing,
    /// A user name: a challenge is wanted.
    User(Secret),
    /// An answer to a challenge.
    Answer(Answer),
}

/// An encoder's answer to a challenge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Who it says it is.
    pub user: Secret,
    /// Its own part of what is hashed.
    pub challenge: Secret,
    /// The answer.
    pub response: Secret,
    /// By which the challenge is known that it answers.
    pub opaque: Secret,
}

impl Offer {
    /// Reads the app and the address of a `connect`. Encoders write the same into both, or into one.
    pub fn read(app: &str, tc_url: &str) -> Self {
        match Self::of(app) {
            Self::Nothing => Self::of(tc_url),
            offer => offer,
        }
    }

    fn of(text: &str) -> Self {
        // Where there was a query before, some begin another one.
        let parameters = || text.split(['?', '&']).skip(1).filter_map(|parameter| parameter.split_once('='));
        let value = |name: &str| {
            let found = parameters().find(|(known, _)| *known == name).map(|(_, value)| value);
            found.filter(|value| (1..=LONGEST).contains(&value.len())).map(Secret::new)
        };
        if value("authmod") != Some(Secret::new("adobe")) {
            return Self::Nothing;
        }
        let Some(user) = value("user") else {
            return Self::Nothing;
        };
        match (value("challenge"), value("response"), value("opaque")) {
            (Some(challenge), Some(response), Some(opaque)) => {
                Self::Answer(Answer { user, challenge, response, opaque })
            }
            _ => Self::User(user),
        }
    }
}

const LONGEST: usize = 1024;

//! What a client says to a server that wants a login, over several connections.

use super::{Demand, Login, Scheme, llnw};
use crate::secret::Secret;

/// Why there is no use in connecting once more. To be read after "the server".
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It wants a login, and there is none.
    #[error("asks for a user name and a password: give both in the target's settings")]
    NoLogin,
    /// It does not take this one.
    #[error("refused the user name or the password: check both")]
    WrongLogin,
    /// It says that it does not know the user.
    #[error("does not know the user name: check it, and the password")]
    UnknownUser,
    /// It wants a login in a way that nobody here knows.
    #[error("asks for a user name and a password in a way that splitcast does not know")]
    UnknownScheme,
    /// What it wants cannot be made out, or changes from one connection to the next.
    #[error("asks for a user name and a password in words that splitcast cannot follow")]
    Confused,
}

/// How far a login has come. Each connection brings it further, so there are three at most.
#[derive(Debug)]
pub struct Dialogue {
    login: Option<Login>,
    /// The client's part of what is hashed.
    own: String,
    stage: Stage,
    query: Option<Secret>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    /// Nothing was said of a login.
    Plain,
    /// The user was named.
    Named,
    /// A challenge was answered.
    Answered,
}

impl Dialogue {
    /// Nothing was said yet; `random` should be.
    pub fn new(login: Option<Login>, random: u32) -> Self {
        Self { login, own: format!("{random:08x}"), stage: Stage::Plain, query: None }
    }

    /// What to say at the next `connect`, after the app and in the address.
    pub fn query(&self) -> Option<&Secret> {
        self.query.as_ref()
    }

    /// Takes in what the server wants of who asked for `app`; connect again, unless it is of no use.
    ///
    /// # Errors
    /// Why it is of no use.
    pub fn heed(&mut self, demand: &Demand, app: &Secret) -> Result<(), Refusal> {
        let Some(login) = &self.login else {
            return Err(match demand {
                Demand::Unknown => Refusal::UnknownScheme,
                _ => Refusal::NoLogin,
            });
        };
        let user = login.user.as_str();
        let (stage, query) = match demand {
            Demand::Login(scheme) => (Stage::Named, format!("authmod={}&user={user}", parameter_of(*scheme))),
            Demand::Adobe(challenge) => {
                let response = challenge.response(login, &self.own);
                let opaque = challenge.opaque.as_ref().map(|opaque| format!("&opaque={}", opaque.expose()));
                let query = format!(
                    "authmod=adobe&user={user}&challenge={}&response={}{}",
                    self.own,
                    response.expose(),
                    opaque.unwrap_or_default()
                );
                (Stage::Answered, query)
            }
            Demand::Llnw(challenge) => {
                let response = challenge.response(login, app.expose(), &self.own);
                let query = format!(
                    "authmod=llnw&user={user}&nonce={}&cnonce={}&nc={}&response={}",
                    challenge.nonce.expose(),
                    self.own,
                    llnw::COUNT,
                    response.expose()
                );
                (Stage::Answered, query)
            }
            Demand::BetterLogin => return Err(Refusal::WrongLogin),
            Demand::KnownUser => return Err(Refusal::UnknownUser),
            Demand::Unknown => return Err(Refusal::UnknownScheme),
            Demand::Unreadable => return Err(Refusal::Confused),
        };
        if stage <= self.stage {
            // Asked for an answer again, or for everything: that is how some refuse one.
            let is_answered = self.stage == Stage::Answered;
            return Err(if is_answered { Refusal::WrongLogin } else { Refusal::Confused });
        }
        self.stage = stage;
        self.query = Some(Secret::new(query));
        Ok(())
    }
}

fn parameter_of(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::Adobe => "adobe",
        Scheme::Llnw => "llnw",
    }
}

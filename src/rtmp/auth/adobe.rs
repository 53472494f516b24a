//! Adobe's scheme: what Flash Media Server asks for, and Wowza, Dacast and this relay after it.
//!
//! The words are Flash Media Server's to the letter, brackets and all: some encoders search them for
//! phrases, GStreamer's wants their whole form.

use data_encoding::BASE64;

use super::{Answer, Login, md5};
use crate::rtmp::rejection::Rejection;
use crate::secret::Secret;

/// What a server gives a client to work its answer out from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// Goes with the password.
    pub salt: Secret,
    /// What is answered, unless there is an opaque word.
    pub challenge: Secret,
    /// What is answered, and sent back as it is.
    pub opaque: Option<Secret>,
}

impl Challenge {
    /// The answer of who knows the login, with some text of the client's own.
    pub fn response(&self, login: &Login, own: &str) -> Secret {
        self.response_as(login.user.as_str(), login, own)
    }

    /// Whether somebody who calls himself so gave the login's answer. Takes the same time whatever is
    /// wrong with it.
    pub fn is_answered_by(&self, answer: &Answer, login: &Login) -> bool {
        let expected = self.response_as(answer.user.expose(), login, answer.challenge.expose());
        let is_user = answer.user == Secret::new(login.user.as_str());
        (expected == answer.response) & is_user
    }

    fn response_as(&self, user: &str, login: &Login, own: &str) -> Secret {
        let proof = BASE64.encode(&md5(&[user, self.salt.expose(), login.password.expose()]));
        let answered = self.opaque.as_ref().unwrap_or(&self.challenge);
        Secret::new(BASE64.encode(&md5(&[&proof, answered.expose(), own])))
    }
}

/// The first refusal: a login is wanted.
pub fn login_wanted() -> Rejection {
    refusal("[ code=403 need auth; authmod=adobe ] : The encoder must send a user name and a password.")
}

/// The second: here is what to answer.
pub fn challenge(user: &str, challenge: &Challenge) -> Rejection {
    let opaque = challenge.opaque.as_ref().unwrap_or(&challenge.challenge);
    refusal(&format!(
        "[ authmod=adobe ] : ?reason=needauth&user={user}&salt={}&challenge={}&opaque={}",
        challenge.salt.expose(),
        challenge.challenge.expose(),
        opaque.expose()
    ))
}

/// The last: the answer was wrong. It is not told whether there is such a user.
pub fn login_wrong() -> Rejection {
    refusal("[ authmod=adobe ] : ?reason=authfailed&opaque=-")
}

fn refusal(words: &str) -> Rejection {
    Rejection {
        code: "NetConnection.Connect.Rejected".to_owned(),
        description: format!("[ AccessManager.Reject ] : {words}"),
    }
}

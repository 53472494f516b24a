//! What was asked for, by whom and when.

use std::net::IpAddr;

use super::access::Actor;
use super::key::KeyDigest;
use super::word::words;
use crate::secret::Secret;

/// What became of what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is not known: the relay ended in the middle of it, or it goes on.
    Asked,
    /// It was done.
    Done,
    /// It was refused, and nothing was changed.
    Refused,
    /// Something went wrong. A part of it may be done.
    Failed,
}

words!(Outcome { Asked = "asked", Done = "done", Refused = "refused", Failed = "failed" });

/// What kind of actor one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActorKind {
    /// A person, by a session.
    User,
    /// A program, by a token.
    Token,
    /// Whoever has the token that the relay was started with.
    Operator,
    /// Somebody who was not let in yet: who sets the relay up, or logs in.
    Nobody,
}

words!(ActorKind { User = "user", Token = "token", Operator = "operator", Nobody = "nobody" });

/// What somebody does something to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubjectKind {
    /// A stream.
    Stream,
    /// A target.
    Target,
    /// A webhook.
    Webhook,
    /// A person.
    User,
    /// A token.
    Token,
    /// A session.
    Session,
}

words!(SubjectKind {
    Stream = "stream",
    Target = "target",
    Webhook = "webhook",
    User = "user",
    Token = "token",
    Session = "session",
});

/// A request for a change.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Who asks; `None` who is not let in yet.
    pub by: Option<Actor>,
    /// Where they are.
    pub address: IpAddr,
    /// What for: the name of the API's operation.
    pub action: String,
    /// What it is done to.
    pub subject: Option<(SubjectKind, i64)>,
    /// What that is called now.
    pub name: Option<String>,
}

/// A request for a change, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its number; never used again.
    pub id: i64,
    /// Milliseconds since 1970.
    pub at_ms: i64,
    /// What kind of actor it was.
    pub actor: ActorKind,
    /// Their number, if they have one.
    pub actor_id: Option<i64>,
    /// What they were called.
    pub actor_name: Option<String>,
    /// Where they were.
    pub address: String,
    /// The name of the API's operation.
    pub action: String,
    /// What it was done to.
    pub subject: Option<SubjectKind>,
    /// The number of that.
    pub subject_id: Option<i64>,
    /// What that was called before, or if it was made, since.
    pub subject_name: Option<String>,
    /// The fields that were given, never what was in them.
    pub fields: Vec<String>,
    /// What became of it.
    pub outcome: Outcome,
}

/// Versions of something, of which one must be the present one for a change to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected(pub Vec<i64>);

/// An answer that may have to be given again.
#[derive(Debug, Clone)]
pub struct GivenAnswer {
    /// A fingerprint of the request that it answers.
    pub request: KeyDigest,
    /// Its HTTP status.
    pub status: u16,
    /// Its body.
    pub body: Secret,
}

//! Why an operator's wish was not met.

use std::time::Duration;

use tokio::time::Instant;

use crate::model::{Invalid, MAX_STREAMS, MAX_TARGETS_PER_STREAM, MAX_TOKENS, MAX_USERS, MAX_WEBHOOKS};
use crate::net::FetchError;
use crate::store;

/// Why a change was not made or an answer not given.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What the store said.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// See [`MAX_STREAMS`].
    #[error("there are {MAX_STREAMS} streams already: remove one first")]
    TooManyStreams,
    /// See [`MAX_TARGETS_PER_STREAM`].
    #[error("the stream has {MAX_TARGETS_PER_STREAM} targets already: remove one first")]
    TooManyTargets,
    /// See [`MAX_WEBHOOKS`].
    #[error("there are {MAX_WEBHOOKS} webhooks already: remove one first")]
    TooManyWebhooks,
    /// A target that is switched off has nothing to try.
    #[error("the target is switched off: switch it on to let it connect")]
    Disabled,
    /// There is nothing to be seen of the stream.
    #[error("the encoder is not sending: there is a preview as soon as it does")]
    NotSending,
    /// There is no such platform, or it tells nobody.
    #[error("there is no such platform, or it has no list of its servers")]
    NoList,
    /// A platform's list did not come.
    #[error("{name}'s servers could not be asked for, so those that are known stay: {error}")]
    ListUnfetched {
        /// The platform.
        name: &'static str,
        /// Why not.
        error: FetchError,
    },
    /// What came as a platform's list names none of its servers.
    #[error(
        "what {name} answered is not one of its lists, so the servers that are known stay: look whether this \
         machine reaches the internet without a log-in page in between"
    )]
    ListUnread {
        /// The platform.
        name: &'static str,
    },
    /// A test would get in the way of a broadcast.
    #[error(
        "\"{name}\" is sending with this key, and a test would cut it off or be refused: stop it first, or \
         test when it is not sending"
    )]
    SendsWithKey {
        /// What the target is called.
        name: String,
    },
    /// There is nothing to test.
    #[error("the target has no second address")]
    NoSecondAddress,
    /// The saved key is for another server than the one to be tested.
    #[error("the saved stream key is for another server: give the key for this one")]
    KeyOfAnother,
    /// More than would be good.
    #[error("too many tests were begun in a short time: try again in {} s", wait.as_secs().max(1))]
    TooManyProbes {
        /// How long until another may begin.
        wait: Duration,
    },
    /// The relay is about to end.
    #[error("splitcast is stopping: try again when it is back")]
    Stopping,
    /// Somebody else was quicker.
    #[error("it was changed since you read it: read it again and look whether your change still fits")]
    Overtaken,
    /// A value was not accepted.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The system gave no random bytes to make a key from.
    #[error("the system gave no random numbers")]
    Random,
    /// A name that is not known, or not its password. Which of them is not told.
    #[error("the name or the password is wrong")]
    WrongPassword,
    /// Who changes a password must know the one before.
    #[error("this is not your password")]
    WrongCurrentPassword,
    /// Too many wrong passwords or the like.
    #[error("too many wrong tries: try again in {} s", wait.as_secs().max(1))]
    TooManyTries {
        /// How long until another is looked at.
        wait: Duration,
    },
    /// What a configuration would make is there already.
    #[error("{}: rename or remove them, here or in the document", there_are(names, *more))]
    NamesTaken {
        /// Some of the names.
        names: Vec<String>,
        /// How many others there are.
        more: usize,
    },
    /// A key of a configuration is another stream's.
    #[error(
        "a stream of the document has the key of another stream: give it another one, or remove the other stream"
    )]
    KeyTaken,
    /// It has no key, or another one.
    #[error("this passphrase does not open the document, or the document was changed")]
    WrongPassphrase,
    /// Not what we make, and too much work.
    #[error("the document was not sealed by splitcast: its key would cost too much, or nothing")]
    Cost,
    /// Somebody has set the relay up.
    #[error("this splitcast has an owner already: log in instead")]
    HasOwner,
    /// A link of another start, or none of ours.
    #[error("this set-up link is not valid: open the one that splitcast printed when it was last started")]
    WrongSetUpLink,
    /// Nobody could let anybody in any more.
    #[error("there must be an owner: make somebody else one first")]
    LastOwner,
    /// See [`MAX_USERS`].
    #[error("there are {MAX_USERS} users already: remove one first")]
    TooManyUsers,
    /// See [`MAX_TOKENS`].
    #[error("there are {MAX_TOKENS} tokens already: remove one first")]
    TooManyTokens,
    /// It would end before it began.
    #[error("the token would have expired already: give a moment to come, in seconds since 1970")]
    Expired,
    /// The password hash failed on us.
    #[error("the password could not be hashed")]
    Hashing,
}

fn there_are(names: &[String], more: usize) -> String {
    let names = names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    match more {
        0 => format!("these names are taken: {names}"),
        more => format!("these names and {more} more are taken: {names}"),
    }
}

impl Error {
    /// Too many were wrong, until that moment.
    pub(super) fn too_many_tries(until: Instant) -> Self {
        let wait = until.saturating_duration_since(Instant::now());
        Self::TooManyTries { wait: Duration::from_secs(wait.as_secs() + u64::from(wait.subsec_nanos() > 0)) }
    }
}

//! Why an operator's wish was not met.

use crate::model::{Invalid, MAX_STREAMS, MAX_TARGETS_PER_STREAM};
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
    /// A target that is switched off has nothing to try.
    #[error("the target is switched off: switch it on to let it connect")]
    Disabled,
    /// A value was not accepted.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The system gave no random bytes to make a key from.
    #[error("the system gave no random numbers")]
    Random,
}

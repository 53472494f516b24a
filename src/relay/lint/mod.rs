//! What a target's platform would mind in what the encoder sends.
//!
//! [`SourceFacts`] are what is known of a source at one moment; [`lint`] holds them, and the codecs that are offered, against what a [`Judge`] takes; [`Steady`] tells of what lasts. All three are plain values: who measures tells them the time.

mod facts;
mod rules;
mod steady;

pub use facts::{KeyFrames, Presence, SourceFacts};
pub use rules::{Judge, lint};
pub use steady::{Change, Raised, Steady};

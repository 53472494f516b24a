//! Scripted worlds: the relay between an encoder and targets that are made up, under paused time.
//!
//! Minutes of refusals, freezes and returns are played in milliseconds, and the same way each time.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "../rig/dialogue.rs"]
mod dialogue;
#[path = "../rig/enhanced.rs"]
mod enhanced;
#[path = "../rig/flv.rs"]
#[expect(dead_code, reason = "it serves other tests too")]
mod flv;
#[path = "../rig/wire.rs"]
mod wire;

mod backup;
mod captured_tracks;
mod codecs;
mod day;
mod drain;
mod encoders;
mod entrance;
mod failures;
mod ingest;
mod logins;
mod manners;
mod moves;
mod negotiation;
mod odd;
mod overrun;
mod pacing;
mod redirects;
mod script;
mod statistics;
mod supervisor;
mod targets;
mod warnings;
mod world;

//! splitcast among servers that misbehave and encoders that vanish: real sockets against the real
//! binary.
//!
//! What the tests under paused time (`tests/relay`) say of the rules is said here of the whole program
//! and of the kernel under it. Servers and encoders are scripts (`tests/lab`), with ffmpeg and
//! nginx-rtmp beside them. `yardstick` proves that the scripts do what they say.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed, and says where"
)]

#[path = "../lab/mod.rs"]
#[expect(dead_code, reason = "the laboratory serves the benchmark too")]
mod lab;
#[path = "../rig/mod.rs"]
#[expect(dead_code, reason = "the rig serves other tests too")]
mod rig;

mod canaries;
mod database;
mod followers;
mod guesses;
mod intruders;
mod isolation;
mod lock;
mod malformed;
mod outages;
mod real_encoders;
mod returns;
mod stop;
mod verdicts;
mod viewers;
mod visitor;
mod yardstick;

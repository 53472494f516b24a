//! splitcast among real programs: ffmpeg publishes and listens, nginx-rtmp records, a TLS server stands
//! in front of it, and what arrives is compared packet by packet with what was sent.
//!
//! The binary is driven from outside only, by its command line, its REST contract and RTMP, so these
//! tests say what an operator gets and know nothing of how it is done. Programs and clips come first
//! below, the scenarios after them. The tests that need no relay (`harness`, and the unit tests of
//! `flv` and `compare`) prove that the yardstick itself is straight.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed, and says where"
)]

mod clip;
mod compare;
mod ffmpeg;
mod flv;
mod nginx;
mod patience;
mod port;
mod program;
mod publisher;
mod recorded_target;
mod relay_process;
mod rest;
mod talkative_target;
mod tls_front;
mod wire;

mod address_guard;
mod fan_out;
mod harness;
mod late_target;
mod refusals;
mod restart;
mod rtmps;
mod secrets;
mod start_up;
mod timestamps;
mod troubled_target;

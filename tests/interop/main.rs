//! splitcast among real programs: ffmpeg publishes and listens, nginx-rtmp records, a TLS server stands
//! in front of it, and what arrives is compared packet by packet with what was sent.
//!
//! The binary is driven from outside only, by its command line, its REST contract and RTMP, so these
//! tests say what an operator gets and know nothing of how it is done. The yardsticks come first below,
//! the scenarios after them. The tests that need no relay (`harness`, and the unit tests of `flv` and
//! `compare`) prove that the yardsticks themselves are straight.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed, and says where"
)]

#[path = "../lab/mod.rs"]
#[expect(dead_code, reason = "the laboratory serves other tests too")]
mod lab;
#[path = "../rig/mod.rs"]
#[expect(dead_code, reason = "the rig serves other tests too")]
mod rig;

use rig::{
    authority, clip, dialogue, ffmpeg, flv, gstreamer, modern, nginx, own_trust, patience, port, program,
    publisher, relay_process, rest, rtmps_relay, tap, tls_front, wire,
};

mod compare;
mod enhanced;
mod recorded_target;
mod talkative_target;

mod address_guard;
mod captures;
mod enhanced_codecs;
mod enhanced_outages;
mod enhanced_start;
mod enhanced_takes;
mod fan_out;
mod harness;
mod key_test;
mod late_target;
mod logins;
mod metrics;
mod obs;
mod preview;
mod refusals;
mod restart;
mod rtmps;
mod rtmps_current;
mod rtmps_ingest;
mod schemathesis;
mod secrets;
mod start_up;
mod timestamps;
mod troubled_target;
mod warnings;

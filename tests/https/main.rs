//! HTTPS as browsers, certificate authorities and proxies meet it: the real binary, with Pebble as an
//! ACME authority that really looks, and nginx as a proxy in front.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed, and says where"
)]

#[path = "../rig/mod.rs"]
#[expect(dead_code, reason = "the rig serves other tests too")]
mod rig;

use rig::{authority, clip, flv, patience, port, program, publisher, relay_process, rtmps_relay};

mod browser;
mod pebble;
mod proxy;
mod secure_relay;

mod acme;
mod behind_nginx;
mod certificate_files;
mod encoders;
mod handshakes;

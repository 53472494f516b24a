//! What operators do on the command line, with the real binary on real data folders.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed, and says where"
)]

#[path = "../rig/mod.rs"]
#[expect(dead_code, reason = "the rig serves other tests too")]
mod rig;

mod backup;
mod bundle;
mod check;
mod crashes;
mod keys;
mod password;
mod test_target;
mod word;

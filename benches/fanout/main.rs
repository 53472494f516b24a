//! What fanning out costs: splitcast beside other relays, and beside floors that no relay can go below, all
//! in one run, in turns.
//!
//! `cargo bench --bench fanout -- --help` says what can be measured, and `benches/README.md` how to read it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a measurement that cannot go on has failed, and says where"
)]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "tables are what this is for")]

mod affinity;
mod chunks;
mod clock;
mod contest;
mod contestant;
mod floor;
mod footage;
mod guest;
mod histogram;
mod host;
mod interrupt;
mod json;
#[path = "../../tests/lab/memory.rs"]
#[expect(dead_code, reason = "the laboratory serves tests too")]
mod kernel_memory;
mod machine;
mod meter;
mod options;
mod process;
#[path = "../../tests/rig/mod.rs"]
#[expect(dead_code, reason = "the rig serves tests too")]
mod rig;
mod scenario;
mod sink;
mod source;
mod table;
mod trial;

fn main() {
    options::run();
}

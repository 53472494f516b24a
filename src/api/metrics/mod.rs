//! `/metrics`: what is counted and measured, for Prometheus, as OpenMetrics text.
//!
//! Made of the board's snapshots when it is asked for; nothing is kept twice. Labels are ids and closed
//! choices of words, never names, addresses or keys, so that whoever may read it learns numbers.

mod family;
mod page;
mod process;
mod server;
mod service;
mod streams;
mod targets;

pub use page::render;
pub use server::server;
pub(super) use server::show;

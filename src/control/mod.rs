//! Every change an operator can make, and what an operator may see.
//!
//! What is wanted stands in the store; the supervisor makes what runs equal to it. This is the only
//! place where what is wanted changes.

mod access;
mod audit;
mod backups;
mod configuration;
mod desk;
mod error;
mod health;
mod history;
mod order;
mod platforms;
mod probe;
mod readiness;
mod sealed;
mod settings;
mod streams;
mod tallies;
mod targets;
mod webhooks;

pub use access::{Caller, Visitor, hash_password};
pub use desk::Control;
pub use error::Error;
pub use order::TargetCopy;
pub use probe::{Probe, ProbeChanges};
pub use readiness::NotReady;
pub use sealed::{Cost, Sealed};
pub use settings::Settings;
pub use streams::{StreamReport, new_key};
pub use tallies::{Delivered, Tallies, Wrong};
pub use targets::TargetReport;
pub use webhooks::new_webhook_secret;

#[cfg(test)]
mod tests;

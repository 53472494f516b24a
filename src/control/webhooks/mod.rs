//! Tells what happens to whoever left an address for it.
//!
//! [`watch`] turns what happens into notices, few enough to be read; each is written once for every
//! webhook that wants it into the store's outbox; and a lane for each webhook delivers from there, in
//! order, until the other side has taken it. So a message survives the relay, and may come twice, but
//! with the same id.

mod desk;
mod dispatch;
mod lane;
mod notice;
mod office;
mod outgoing;
mod sign;
mod verdict;
mod watch;
mod words;

pub use desk::new_webhook_secret;
pub(super) use office::Office;

#[cfg(test)]
mod tests;

//! Connections to the ingest that were not let in, counted.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Why a connection was not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Too many strangers were connected, or too many from there.
    Crowd,
    /// It spoke something else than what is spoken at the port.
    Language,
    /// It began to speak TLS, and that did not come about.
    Tls,
    /// It showed no stream key in time.
    Late,
    /// It wanted something else than to publish.
    Purpose,
    /// It showed a key that no stream has.
    Key,
    /// Too many wrong keys had come from there.
    Guesses,
    /// It showed a good key, but the stream takes no encoder from there.
    Address,
    /// It showed another user name or password than its application's streams want, or none.
    Login,
    /// Another encoder publishes.
    Busy,
}

impl Refused {
    /// All there are.
    pub const ALL: [Self; 10] = [
        Self::Crowd,
        Self::Language,
        Self::Tls,
        Self::Late,
        Self::Purpose,
        Self::Key,
        Self::Guesses,
        Self::Address,
        Self::Login,
        Self::Busy,
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Crowd => "too_many_connections",
            Self::Language => "not_rtmp",
            Self::Tls => "tls_not_agreed",
            Self::Late => "no_key_in_time",
            Self::Purpose => "not_a_publisher",
            Self::Key => "unknown_key",
            Self::Guesses => "too_many_guesses",
            Self::Address => "wrong_address",
            Self::Login => "wrong_login",
            Self::Busy => "busy",
        }
    }
}

/// Connections to the ingest that were not let in.
#[derive(Debug, Default)]
pub struct Refusals([AtomicU64; Refused::ALL.len()]);

impl Refusals {
    /// Counts one more.
    pub fn count(&self, why: Refused) {
        for (known, count) in Refused::ALL.iter().zip(&self.0) {
            if *known == why {
                count.fetch_add(1, Relaxed);
            }
        }
    }

    /// How many there were for each reason.
    pub fn totals(&self) -> [(Refused, u64); Refused::ALL.len()] {
        let mut totals = Refused::ALL.map(|why| (why, 0));
        for ((_, total), count) in totals.iter_mut().zip(&self.0) {
            *total = count.load(Relaxed);
        }
        totals
    }
}

//! What is counted of those who ask and of those who are told.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// What somebody proved to be wrong with, or was not looked at with because of others before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// A name or its password.
    Password,
    /// A token.
    Token,
    /// A set-up link.
    SetUpLink,
}

impl Wrong {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::Password, Self::Token, Self::SetUpLink];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Token => "token",
            Self::SetUpLink => "set_up_link",
        }
    }
}

/// What became of a try to deliver to a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivered {
    /// The server took it.
    Accepted,
    /// It is to be tried again.
    Failed,
    /// It was the last try.
    GivenUp,
}

impl Delivered {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::Accepted, Self::Failed, Self::GivenUp];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Failed => "failed",
            Self::GivenUp => "given_up",
        }
    }
}

/// Counters that only grow.
#[derive(Debug, Default)]
pub struct Tallies {
    wrong: [AtomicU64; Wrong::ALL.len()],
    delivered: [AtomicU64; Delivered::ALL.len()],
}

impl Tallies {
    /// Counts somebody who is not let in.
    pub fn count_wrong(&self, what: Wrong) {
        add(Wrong::ALL, &self.wrong, what);
    }

    /// Counts a try to deliver.
    pub(super) fn count_delivery(&self, what: Delivered) {
        add(Delivered::ALL, &self.delivered, what);
    }

    /// How many were not let in.
    pub fn wrong(&self) -> impl Iterator<Item = (Wrong, u64)> {
        Wrong::ALL.into_iter().zip(self.wrong.iter().map(|count| count.load(Relaxed)))
    }

    /// How many tries to deliver there were.
    pub fn deliveries(&self) -> impl Iterator<Item = (Delivered, u64)> {
        Delivered::ALL.into_iter().zip(self.delivered.iter().map(|count| count.load(Relaxed)))
    }
}

fn add<const N: usize, T: PartialEq + Copy>(all: [T; N], counts: &[AtomicU64; N], what: T) {
    for (_, count) in all.iter().zip(counts).filter(|(known, _)| **known == what) {
        count.fetch_add(1, Relaxed);
    }
}

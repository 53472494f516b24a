//! How often strangers from one place may try a stream key.
//!
//! A place has some tries at hand, which come back one after another: whoever mistyped a key is heard
//! again within seconds, and whoever guesses gets nowhere. Only wrong keys cost a try. While a place has
//! none left, no key from there is looked at that could be guessed, since the answer would tell a good
//! guess.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::place::Place;

/// Counts wrong keys.
#[derive(Debug, Default)]
pub struct Guesses {
    seen: Mutex<Seen>,
}

/// When each place has all its tries again. In two halves, of which the older is forgotten when the newer
/// is full: a flood from many places costs no more memory, nor a search for whom to forget.
#[derive(Debug, Default)]
struct Seen {
    newer: HashMap<Place, Instant>,
    older: HashMap<Place, Instant>,
}

impl Guesses {
    /// When a key from this address is looked at again, if none is now.
    pub fn closed_until(&self, address: IpAddr) -> Option<Instant> {
        let whole_at = self.lock().whole_at(Place::of(address))?;
        let opens_at = whole_at.checked_sub(ONE_MORE * (TRIES - 1))?;
        (opens_at > Instant::now()).then_some(opens_at)
    }

    /// Takes note of a wrong key.
    pub fn note_wrong(&self, address: IpAddr) {
        let (place, now) = (Place::of(address), Instant::now());
        let mut seen = self.lock();
        let whole_at = seen.whole_at(place).map_or(now, |at| at.max(now)) + ONE_MORE;
        // Connections that were under way together cannot add up to more than all tries.
        seen.remember(place, whole_at.min(now + ONE_MORE * TRIES));
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    fn whole_at(&self, place: Place) -> Option<Instant> {
        self.newer.get(&place).or_else(|| self.older.get(&place)).copied()
    }

    fn remember(&mut self, place: Place, whole_at: Instant) {
        if self.newer.len() >= MAX_PLACES / 2 && !self.newer.contains_key(&place) {
            self.older = std::mem::take(&mut self.newer);
        }
        self.newer.insert(place, whole_at);
    }
}

/// Wrong keys that a place may send at once.
pub const TRIES: u32 = 10;

/// How long it takes until it may send one more.
pub const ONE_MORE: Duration = Duration::from_secs(6);

/// Places that are remembered at most.
const MAX_PLACES: usize = 16_384;

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    /// Sends wrong keys, as many as are looked at.
    fn guess(guesses: &Guesses, from: IpAddr) -> u32 {
        let mut looked_at = 0;
        while guesses.closed_until(from).is_none() {
            guesses.note_wrong(from);
            looked_at += 1;
        }
        looked_at
    }

    #[tokio::test(start_paused = true)]
    async fn tries_run_out_and_come_back_one_by_one() {
        let (guesses, from) = (Guesses::default(), address("192.0.2.1"));
        assert_eq!(guess(&guesses, from), TRIES);
        assert_eq!(guesses.closed_until(from), Some(Instant::now() + ONE_MORE));
        for _ in 0..3 {
            advance(ONE_MORE).await;
            assert_eq!(guess(&guesses, from), 1);
        }
        advance(ONE_MORE * 4).await;
        assert_eq!(guess(&guesses, from), 4);
        advance(Duration::from_secs(86_400)).await;
        assert_eq!(guess(&guesses, from), TRIES);
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_under_way_together_shuts_nobody_out_for_long() {
        let (guesses, from) = (Guesses::default(), address("192.0.2.1"));
        for _ in 0..1_000 {
            guesses.note_wrong(from);
        }
        assert_eq!(guesses.closed_until(from), Some(Instant::now() + ONE_MORE));
    }

    #[tokio::test(start_paused = true)]
    async fn places_are_told_apart() {
        let guesses = Guesses::default();
        guess(&guesses, address("192.0.2.1"));
        guess(&guesses, address("2001:db8::1"));
        assert!(guesses.closed_until(address("::ffff:192.0.2.1")).is_some());
        assert!(guesses.closed_until(address("2001:db8::2")).is_some());
        assert!(guesses.closed_until(address("192.0.2.2")).is_none());
        assert!(guesses.closed_until(address("2001:db8:0:1::1")).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_from_many_places_takes_no_more_memory_and_forgets_the_oldest() {
        let (guesses, early, late) = (Guesses::default(), address("192.0.2.1"), address("192.0.2.2"));
        guess(&guesses, early);
        for n in 0..100_000u32 {
            guesses.note_wrong(IpAddr::V4((0x0a00_0000 + n).into()));
        }
        guess(&guesses, late);
        for n in 0..8_000u32 {
            guesses.note_wrong(IpAddr::V4((0x0b00_0000 + n).into()));
        }
        let seen = guesses.lock();
        assert!(seen.newer.len() + seen.older.len() <= MAX_PLACES);
        drop(seen);
        assert!(guesses.closed_until(early).is_none());
        assert!(guesses.closed_until(late).is_some());
    }
}

//! How often something secret may be tried.
//!
//! Whoever tries, be it a place or an account, has some tries at hand, which come back one after another:
//! whoever mistyped is heard again within seconds, and whoever guesses gets nowhere.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Counts tries that failed, by who tried.
#[derive(Debug)]
pub struct Tries<K> {
    /// How many may be made at once.
    at_once: u32,
    /// How long it takes until one more may be made.
    one_more: Duration,
    seen: Mutex<Seen<K>>,
}

/// When each has all its tries again. In two halves, of which the older is forgotten when the newer is
/// full: a flood from many places costs no more memory, nor a search for whom to forget.
#[derive(Debug)]
struct Seen<K> {
    newer: HashMap<K, Instant>,
    older: HashMap<K, Instant>,
}

impl<K: Eq + Hash> Tries<K> {
    /// So many at once, and one more each time so much has passed.
    pub fn new(at_once: u32, one_more: Duration) -> Self {
        let seen = Seen { newer: HashMap::new(), older: HashMap::new() };
        Self { at_once, one_more, seen: Mutex::new(seen) }
    }

    /// When there is a try again, if there is none now.
    pub fn closed_until(&self, who: &K) -> Option<Instant> {
        let whole_at = self.lock().whole_at(who)?;
        self.opens_at(whole_at)
    }

    /// Takes note of a try that failed.
    pub fn note_wrong(&self, who: K) {
        self.lock().take(who, self.one_more, self.at_once);
    }

    /// Takes a try before it is known how it ends, so that those who try many times at once have no
    /// more of them.
    ///
    /// # Errors
    /// When there is one again.
    pub fn take(&self, who: K) -> Result<(), Instant> {
        let mut seen = self.lock();
        match seen.whole_at(&who).and_then(|whole_at| self.opens_at(whole_at)) {
            Some(opens_at) => Err(opens_at),
            None => {
                seen.take(who, self.one_more, self.at_once);
                Ok(())
            }
        }
    }

    /// Gives back a try that was taken and did not fail.
    pub fn give_back(&self, who: &K) {
        let mut seen = self.lock();
        let Seen { newer, older } = &mut *seen;
        if let Some(whole_at) = newer.get_mut(who).or_else(|| older.get_mut(who)) {
            *whole_at = whole_at.checked_sub(self.one_more).unwrap_or(*whole_at);
        }
    }

    fn opens_at(&self, whole_at: Instant) -> Option<Instant> {
        let opens_at = whole_at.checked_sub(self.one_more * (self.at_once - 1))?;
        (opens_at > Instant::now()).then_some(opens_at)
    }

    fn lock(&self) -> MutexGuard<'_, Seen<K>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash> Seen<K> {
    fn whole_at(&self, who: &K) -> Option<Instant> {
        self.newer.get(who).or_else(|| self.older.get(who)).copied()
    }

    fn take(&mut self, who: K, one_more: Duration, at_once: u32) {
        let now = Instant::now();
        let whole_at = self.whole_at(&who).map_or(now, |at| at.max(now)) + one_more;
        // What was under way together cannot add up to more than all tries.
        self.remember(who, whole_at.min(now + one_more * at_once));
    }

    fn remember(&mut self, who: K, whole_at: Instant) {
        if self.newer.len() >= MOST / 2 && !self.newer.contains_key(&who) {
            self.older = std::mem::take(&mut self.newer);
        }
        self.newer.insert(who, whole_at);
    }
}

/// How many are remembered at most.
const MOST: usize = 16_384;

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::super::Place;
    use super::*;

    const AT_ONCE: u32 = 10;
    const ONE_MORE: Duration = Duration::from_secs(6);

    fn tries() -> Tries<Place> {
        Tries::new(AT_ONCE, ONE_MORE)
    }

    fn place(address: &str) -> Place {
        Place::of(address.parse().unwrap())
    }

    /// Fails, as often as that is possible.
    fn guess(tries: &Tries<Place>, from: Place) -> u32 {
        let mut made = 0;
        while tries.closed_until(&from).is_none() {
            tries.note_wrong(from);
            made += 1;
        }
        made
    }

    #[tokio::test(start_paused = true)]
    async fn they_run_out_and_come_back_one_by_one() {
        let (tries, from) = (tries(), place("192.0.2.1"));
        assert_eq!(guess(&tries, from), AT_ONCE);
        assert_eq!(tries.closed_until(&from), Some(Instant::now() + ONE_MORE));
        for _ in 0..3 {
            advance(ONE_MORE).await;
            assert_eq!(guess(&tries, from), 1);
        }
        advance(ONE_MORE * 4).await;
        assert_eq!(guess(&tries, from), 4);
        advance(Duration::from_secs(86_400)).await;
        assert_eq!(guess(&tries, from), AT_ONCE);
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_under_way_together_shuts_nobody_out_for_long() {
        let (tries, from) = (tries(), place("192.0.2.1"));
        for _ in 0..1_000 {
            tries.note_wrong(from);
        }
        assert_eq!(tries.closed_until(&from), Some(Instant::now() + ONE_MORE));
    }

    #[tokio::test(start_paused = true)]
    async fn those_taken_beforehand_run_out_too_and_can_be_given_back() {
        let (tries, from) = (tries(), place("192.0.2.1"));
        for _ in 0..AT_ONCE {
            tries.take(from).unwrap();
        }
        assert_eq!(tries.take(from), Err(Instant::now() + ONE_MORE));
        tries.give_back(&from);
        assert_eq!(tries.take(from), Ok(()));
        assert!(tries.take(from).is_err());
        tries.give_back(&place("192.0.2.2"));
    }

    #[tokio::test(start_paused = true)]
    async fn places_are_told_apart() {
        let tries = tries();
        guess(&tries, place("192.0.2.1"));
        guess(&tries, place("2001:db8::1"));
        assert!(tries.closed_until(&place("::ffff:192.0.2.1")).is_some());
        assert!(tries.closed_until(&place("2001:db8::2")).is_some());
        assert!(tries.closed_until(&place("192.0.2.2")).is_none());
        assert!(tries.closed_until(&place("2001:db8:0:1::1")).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_from_many_places_takes_no_more_memory_and_forgets_the_oldest() {
        let (tries, early, late) = (tries(), place("192.0.2.1"), place("192.0.2.2"));
        guess(&tries, early);
        for n in 0..100_000u32 {
            tries.note_wrong(Place::of(std::net::IpAddr::V4((0x0a00_0000 + n).into())));
        }
        guess(&tries, late);
        for n in 0..8_000u32 {
            tries.note_wrong(Place::of(std::net::IpAddr::V4((0x0b00_0000 + n).into())));
        }
        let seen = tries.lock();
        assert!(seen.newer.len() + seen.older.len() <= MOST);
        drop(seen);
        assert!(tries.closed_until(&early).is_none());
        assert!(tries.closed_until(&late).is_some());
    }
}

//! How it went in the last minutes, for whoever begins to look.
//!
//! Points stand at equal distances, so that none needs a time of its own, and where nothing was connected
//! there is none. A point takes eight bytes, and as many for none.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::time::Duration;

use tokio::time::Instant;

/// The points of the last minutes.
#[derive(Debug)]
pub(super) struct Recent<T> {
    /// When the first of the points began that there ever were.
    began: Option<Instant>,
    /// How many points passed before the newest, with and without something in them.
    newest: u64,
    /// Oldest first.
    points: VecDeque<Option<T>>,
}

/// The points of the last minutes, as they are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past<T> {
    /// How long ago the newest point began.
    pub age: Duration,
    /// Oldest first; `None` where nothing was connected.
    pub points: Vec<Option<T>>,
}

/// What went out over a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// How fast.
    pub rate: Rate,
    /// How far it was behind the encoder at most, in milliseconds up to a minute.
    pub lag_ms: u16,
    /// Frames that were left out meanwhile.
    pub skipped: u16,
}

/// What came in from an encoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Received {
    /// How fast.
    pub rate: Rate,
    /// Pictures in ten seconds.
    pub pictures_in_ten_seconds: u16,
}

/// A bit rate, to the kilobit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// One more than there are, so that the lack of a point takes no room of its own.
    kilobits: NonZeroU32,
}

impl Rate {
    /// A rate in bits per second.
    pub(super) fn new(bits_per_second: u64) -> Self {
        let kilobits = u32::try_from((bits_per_second + 500) / 1_000).unwrap_or(u32::MAX);
        Self { kilobits: NonZeroU32::MIN.saturating_add(kilobits) }
    }

    /// In bits per second.
    pub fn bits_per_second(self) -> u64 {
        u64::from(self.kilobits.get() - 1) * 1_000
    }
}

impl Sent {
    /// The same point a second later: how it is now, and the worst of both.
    pub(super) fn and(self, later: Self) -> Self {
        Self {
            rate: later.rate,
            lag_ms: self.lag_ms.max(later.lag_ms),
            skipped: self.skipped.saturating_add(later.skipped),
        }
    }
}

impl Received {
    /// The same point a second later.
    pub(super) fn and(self, later: Self) -> Self {
        later
    }
}

impl<T> Default for Past<T> {
    fn default() -> Self {
        Self { age: Duration::ZERO, points: Vec::new() }
    }
}

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self { began: None, newest: 0, points: VecDeque::new() }
    }
}

impl<T: Copy> Recent<T> {
    /// Takes note of how it is, together with what was noted of the same point before.
    pub(super) fn note(&mut self, now: Instant, value: T, and: impl FnOnce(T, T) -> T) {
        let began = *self.began.get_or_insert(now);
        let number = number(now - began);
        if self.points.is_empty() {
            self.points.reserve_exact(POINTS);
        } else {
            let missed = number.saturating_sub(self.newest);
            if missed == 0 {
                let before = self.points.pop_back().flatten();
                self.points.push_back(Some(before.map_or(value, |before| and(before, value))));
                return;
            }
            for _ in 1..missed.min(POINTS as u64) {
                self.push(None);
            }
        }
        self.push(Some(value));
        self.newest = number;
    }

    fn push(&mut self, point: Option<T>) {
        if self.points.len() == POINTS {
            self.points.pop_front();
        }
        self.points.push_back(point);
    }

    /// The points that are not too old now.
    pub(super) fn at(&self, now: Instant) -> Past<T> {
        let Some(began) = self.began else {
            return Past::default();
        };
        let passed = number(now - began).saturating_sub(self.newest);
        let too_many = (self.points.len() as u64 + passed).saturating_sub(POINTS as u64);
        let points = self.points.iter().copied();
        let points = points.skip(usize::try_from(too_many).unwrap_or(usize::MAX));
        let newest_began = began + EVERY * u32::try_from(self.newest).unwrap_or(u32::MAX);
        Past {
            age: now.saturating_duration_since(newest_began),
            points: points.skip_while(Option::is_none).collect(),
        }
    }
}

/// How many points passed before the one of a time.
fn number(since_began: Duration) -> u64 {
    since_began.as_secs() / EVERY.as_secs()
}

/// From one point to the next.
pub const EVERY: Duration = Duration::from_secs(2);

/// Ten minutes.
const POINTS: usize = 300;

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::advance;

    fn sent(bits_per_second: u64, lag_ms: u16, skipped: u16) -> Sent {
        Sent { rate: Rate::new(bits_per_second), lag_ms, skipped }
    }

    #[test]
    fn a_point_and_the_lack_of_one_take_eight_bytes() {
        assert_eq!((size_of::<Option<Sent>>(), size_of::<Option<Received>>()), (8, 8));
        for (rate, told) in [(0, 0), (499, 0), (6_012_345, 6_012_000), (u64::MAX / 2, 4_294_967_294_000)] {
            assert_eq!(Rate::new(rate).bits_per_second(), told);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn two_looks_make_a_point_and_none_is_made_up_where_nobody_looked() {
        let mut recent = Recent::default();
        assert_eq!(recent.at(Instant::now()).points, []);
        for look in [sent(1_000, 9, 2), sent(2_000, 5, 1), sent(3_000, 0, 0)] {
            recent.note(Instant::now(), look, Sent::and);
            advance(Duration::from_secs(1)).await;
        }
        advance(Duration::from_secs(4)).await;
        recent.note(Instant::now(), sent(4_000, 0, 0), Sent::and);
        let past = recent.at(Instant::now() + Duration::from_secs(3));
        let points = vec![Some(sent(2_000, 9, 3)), Some(sent(3_000, 0, 0)), None, Some(sent(4_000, 0, 0))];
        assert_eq!(past, Past { age: Duration::from_secs(4), points });
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_older_than_ten_minutes_is_forgotten() {
        let mut recent = Recent::default();
        for point in 0..1_000 {
            recent.note(Instant::now(), sent(point * 1_000, 0, 0), Sent::and);
            advance(EVERY).await;
        }
        assert_eq!(recent.points.capacity(), POINTS);
        let told = |past: &Past<Sent>| {
            past.points.first().copied().flatten().map(|point| point.rate.bits_per_second())
        };
        let past = recent.at(Instant::now());
        assert_eq!((past.points.len(), told(&past)), (POINTS - 1, Some(701_000)));
        let past = recent.at(Instant::now() + Duration::from_secs(300));
        assert_eq!((past.points.len(), told(&past)), (POINTS / 2 - 1, Some(851_000)));
        assert_eq!(recent.at(Instant::now() + Duration::from_secs(900)).points, []);
        advance(Duration::from_secs(86_400)).await;
        recent.note(Instant::now(), sent(5_000, 0, 0), Sent::and);
        assert_eq!(recent.at(Instant::now()).points, [Some(sent(5_000, 0, 0))]);
    }
}

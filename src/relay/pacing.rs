//! When frames are written: at once, or together with those that follow.
//!
//! At the bit rates of live streams a write costs far more than the bytes it carries, so that frames
//! which share one save most of what they cost. A stream's outlets are told apart only by how long a
//! frame may wait: those that agree are due together. These are plain values: time is given to them.

use std::time::Duration;

use tokio::time::Instant;

use crate::model::Coalesce;

/// What came since the last look.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Fresh {
    /// Sound.
    pub(super) sound: bool,
    /// Anything else: what waits for it is due with it.
    pub(super) other: bool,
    /// A picture, which has a rhythm.
    pub(super) picture: bool,
    /// Bytes of it all.
    pub(super) bytes: usize,
    /// Newcomers may start at some of it.
    pub(super) is_start: bool,
    /// A frame whose way is timed.
    pub(super) mark: Option<Mark>,
}

/// A frame whose way to each target is timed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    /// When it came.
    pub(super) arrived: Instant,
}

/// When the outlets of a stream are due.
#[derive(Debug, Default)]
pub(super) struct Pacing {
    pictures: Rhythm,
    has_sound: bool,
    groups: Vec<Group>,
}

/// Outlets whose frames may wait equally long; `None` is for the default.
#[derive(Debug)]
struct Group {
    coalesce: Option<Coalesce>,
    bytes: usize,
    due: Option<Instant>,
    /// Whether any outlet still is of this group.
    is_asked_for: bool,
}

/// Foretells pictures.
#[derive(Debug, Default)]
struct Rhythm {
    last: Option<Instant>,
    interval: Option<Duration>,
}

impl Fresh {
    /// Adds what came later.
    pub(super) fn add(&mut self, later: Self) {
        self.sound |= later.sound;
        self.other |= later.other;
        self.picture |= later.picture;
        self.bytes += later.bytes;
        self.is_start |= later.is_start;
        self.mark = later.mark.or(self.mark);
    }
}

impl Pacing {
    /// Takes note of what came.
    pub(super) fn arrived(&mut self, fresh: Fresh, now: Instant) {
        if fresh.picture {
            self.pictures.beat(now);
        }
        self.has_sound |= fresh.sound;
        let next_picture = self.pictures.next(now);
        if fresh.sound || fresh.other {
            self.groups.iter_mut().for_each(|group| group.arrived(fresh, next_picture, now));
        }
    }

    /// Whether outlets of this kind are due.
    pub(super) fn is_due(&mut self, coalesce: Option<Coalesce>, now: Instant) -> bool {
        let group = match self.groups.iter().position(|group| group.coalesce == coalesce) {
            Some(known) => self.groups.get_mut(known),
            None => {
                let due = Some(now);
                self.groups.push(Group { coalesce, bytes: 0, due, is_asked_for: true });
                self.groups.last_mut()
            }
        };
        group.is_some_and(|group| {
            group.is_asked_for = true;
            group.is_due(now)
        })
    }

    /// All that were due were written to. Returns when to look again if nothing comes before: when others
    /// are due, or sound would be that came in the meantime. A timer that is always set for the next picture
    /// and moved on by it costs less than one that is set anew for sound: that would wake its own thread.
    pub(super) fn written(&mut self, now: Instant) -> Option<Instant> {
        self.groups.retain_mut(|group| {
            if group.is_due(now) {
                (group.due, group.bytes) = (None, 0);
            }
            std::mem::take(&mut group.is_asked_for)
        });
        let foretold = self.has_sound.then(|| self.pictures.next(now)).flatten().map(|at| at + GRACE);
        let look_at = |group: &Group| group.due.or_else(|| foretold.filter(|_| group.coalesce.is_none()));
        self.groups.iter().filter_map(look_at).min()
    }
}

impl Group {
    fn arrived(&mut self, fresh: Fresh, next_picture: Option<Instant>, now: Instant) {
        self.bytes += fresh.bytes;
        let due = match self.coalesce {
            Some(_) if self.bytes >= PLENTY => now,
            Some(coalesce) => now + coalesce.as_duration(),
            None if fresh.other => now,
            // Sound that no picture follows in time would have waited in vain.
            None => next_picture.map(|at| at + GRACE).filter(|at| *at <= now + SOUND_WAITS).unwrap_or(now),
        };
        self.due = Some(self.due.map_or(due, |earlier| earlier.min(due)));
    }

    fn is_due(&self, now: Instant) -> bool {
        self.due.is_some_and(|due| due <= now)
    }
}

impl Rhythm {
    fn beat(&mut self, now: Instant) {
        if let Some(last) = self.last {
            let interval = now - last;
            self.interval = Some(match self.interval {
                // One that is late, or a few that come at once, do not change the rhythm much.
                Some(known) => (known * 7 + interval.min(known * 2 + SLACK)) / 8,
                None => interval,
            });
        }
        self.last = Some(now);
    }

    /// When the next picture comes, if they still do.
    fn next(&self, now: Instant) -> Option<Instant> {
        Some(self.last? + self.interval?).filter(|at| *at + GRACE > now)
    }
}

/// The longest that sound waits for a picture unless more is asked for.
const SOUND_WAITS: Duration = Duration::from_millis(10);

/// How late a picture may be and still be waited for: what is foretold is not kept to the microsecond,
/// and timers wake a millisecond late.
const GRACE: Duration = Duration::from_millis(1);

/// Intervals this far off still count in full.
const SLACK: Duration = Duration::from_millis(5);

/// Bytes with which a write is worth its while, so that nothing more is waited for.
const PLENTY: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: Fresh =
        Fresh { sound: true, other: false, picture: false, bytes: 300, is_start: false, mark: None };
    const PICTURE: Fresh =
        Fresh { sound: false, other: true, picture: true, bytes: 10_000, is_start: false, mark: None };

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn within(ms: u64) -> Option<Coalesce> {
        Some(Coalesce::from_ms(ms).unwrap())
    }

    /// Plays what arrives, in milliseconds; returns when outlets of a kind are written to.
    fn writes(coalesce: Option<Coalesce>, arrivals: &[(u64, Fresh)]) -> Vec<u64> {
        let begin = Instant::now();
        let mut pacing = Pacing::default();
        assert!(pacing.is_due(coalesce, begin));
        pacing.written(begin);
        let (mut writes, mut due): (Vec<u64>, Option<Instant>) = (Vec::new(), None);
        let mut look = |pacing: &mut Pacing, now: Instant| {
            if pacing.is_due(coalesce, now) {
                writes.push(u64::try_from((now - begin).as_millis()).unwrap());
            }
            pacing.written(now)
        };
        for (at, fresh) in arrivals {
            let now = begin + ms(*at);
            while let Some(timer) = due.filter(|due| *due < now) {
                due = look(&mut pacing, timer);
            }
            pacing.arrived(*fresh, now);
            due = look(&mut pacing, now);
        }
        while let Some(timer) = due {
            due = look(&mut pacing, timer);
        }
        writes
    }

    #[test]
    fn with_no_wait_each_frame_is_written_at_once() {
        let arrivals = [(0, PICTURE), (5, SOUND), (16, PICTURE), (17, SOUND)];
        assert_eq!(writes(within(0), &arrivals), [0, 5, 16, 17]);
    }

    #[test]
    fn sound_waits_for_a_picture_that_is_about_to_come() {
        let arrivals = [(0, PICTURE), (16, PICTURE), (26, SOUND), (32, PICTURE), (48, PICTURE)];
        assert_eq!(writes(None, &arrivals), [0, 16, 32, 48]);
    }

    #[test]
    fn sound_does_not_wait_in_vain() {
        // The next picture is too far away, or late, or none comes any more.
        let far = [(0, PICTURE), (33, PICTURE), (40, SOUND)];
        assert_eq!(writes(None, &far), [0, 33, 40]);
        let late = [(0, PICTURE), (16, PICTURE), (25, SOUND), (50, PICTURE)];
        assert_eq!(writes(None, &late), [0, 16, 33, 50]);
        let none = [(0, PICTURE), (16, PICTURE), (100, SOUND), (121, SOUND)];
        assert_eq!(writes(None, &none), [0, 16, 100, 121]);
        assert_eq!(writes(None, &[(0, SOUND), (21, SOUND)]), [0, 21]);
    }

    #[test]
    fn what_comes_between_pictures_does_not_change_their_rhythm() {
        let words = Fresh { picture: false, bytes: 100, ..PICTURE };
        let pictures = (0..20).flat_map(|n| [(33 * n, PICTURE), (33 * n + 4, words), (33 * n + 16, SOUND)]);
        let expected: Vec<u64> = (0..20).flat_map(|n| [33 * n, 33 * n + 4, 33 * n + 16]).collect();
        assert_eq!(writes(None, &pictures.collect::<Vec<_>>()), expected);
    }

    #[test]
    fn any_frame_waits_as_long_as_it_may_and_no_longer() {
        let arrivals = [(0, PICTURE), (5, SOUND), (16, PICTURE), (26, SOUND), (32, PICTURE)];
        assert_eq!(writes(within(25), &arrivals), [25, 51]);
    }

    #[test]
    fn much_is_not_made_to_wait() {
        let key_frame = Fresh { bytes: PLENTY, ..PICTURE };
        assert_eq!(writes(within(25), &[(0, SOUND), (5, key_frame), (10, SOUND)]), [5, 35]);
    }

    #[test]
    fn the_timer_is_set_before_the_sound_comes_that_may_need_it() {
        let begin = Instant::now();
        let mut pacing = Pacing::default();
        let mut next = |at: u64, fresh: Fresh| {
            let now = begin + ms(at);
            pacing.arrived(fresh, now);
            pacing.is_due(None, now);
            pacing.written(now)
        };
        assert_eq!(next(0, PICTURE), None);
        assert_eq!(next(4, SOUND), None);
        // From now on it only moves to later times.
        let after_picture = next(16, PICTURE);
        assert_eq!(after_picture, Some(begin + ms(32) + GRACE));
        assert_eq!(next(26, SOUND), after_picture);
        assert_eq!(next(32, PICTURE), Some(begin + ms(48) + GRACE));
        // Of one that is late nothing more is foretold.
        assert_eq!(next(60, SOUND), None);
    }

    #[test]
    fn outlets_that_agree_are_due_together_and_others_are_not() {
        let now = Instant::now();
        let mut pacing = Pacing::default();
        for coalesce in [within(0), within(25)] {
            pacing.is_due(coalesce, now);
        }
        pacing.written(now);
        pacing.arrived(PICTURE, now);
        assert!(pacing.is_due(within(0), now));
        assert!(!pacing.is_due(within(25), now));
        assert_eq!(pacing.written(now), Some(now + ms(25)));
        // The last outlet of a kind is gone: nobody is waited for.
        pacing.is_due(within(0), now);
        assert_eq!(pacing.written(now), None);
    }
}

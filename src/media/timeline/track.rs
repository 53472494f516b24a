//! One track's clock.
//!
//! A timestamp is passed on if it is plausible beside the one before it, and else replaced by what
//! the frame's arrival tells. The limits are asymmetric on purpose: an encoder that restarts at zero
//! after five seconds must not be taken for one that is a little late.

/// A step back of at most this is jitter: the track goes on slowly until its timestamps catch up.
const MAX_BACK_MS: i64 = 500;

/// How far from the newest time a track may land for the other track's clock to be its own.
const MAX_SKEW_MS: i64 = 2_000;

/// The length of a frame before one could be measured.
pub(super) const NOMINAL_STEP_MS: i64 = 33;

/// A step ahead of at most this is passed on: the encoder left something out.
const MAX_AHEAD_MS: i64 = 5_000;

/// A step ahead may be this much longer than the time that passed: what came late caught up.
const SLACK_MS: i64 = 2_000;

/// The most that a repair goes ahead by the time that passed: no clock is believed any further.
const MAX_REPAIR_MS: i64 = 10_000;

/// For this long after a repair, timestamps are believed only if the time that passed bears them
/// out. Two clocks that take turns in one track would else drive it ahead.
const PROBATION_MS: i64 = 5_000;

/// Timestamps that did not rise for this long, in this many frames, have stopped. Parallel audio
/// tracks, up to six in OBS, share their timestamps.
const STOPPED_MS: i64 = 500;
const STOPPED_FRAMES: u32 = 8;

/// The same for timestamps that move, but not beyond what they once reached: one step back by
/// [`MAX_BACK_MS`] has caught up by then.
const ASTRAY_MS: i64 = 1_000;

/// A measure of time that no arithmetic here overflows with.
const FOREVER_MS: i64 = 1 << 40;

/// A track of a publisher.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Track {
    /// The last time given.
    pub(super) last: i64,
    /// The last timestamp as it came.
    raw: u32,
    /// The time that it stands for: `last`, or less after a step back.
    natural: i64,
    /// The last plausible distance between two frames.
    step: i64,
    /// The last time that was not made up to keep the track from standing still, and its arrival.
    reached: i64,
    reached_at: i64,
    /// Frames since whose timestamps did not rise above it.
    held: u32,
    /// Whether any of them had another timestamp than the one before.
    stirred: bool,
    /// Whether the timestamps have stopped, so that arrivals tell the time.
    stopped: bool,
    repaired_at: Option<i64>,
}

impl Track {
    /// A track whose first timestamp stands for `time`.
    pub(super) fn begin(raw: u32, time: i64, now: i64) -> Self {
        Self {
            last: time,
            raw,
            natural: time,
            step: NOMINAL_STEP_MS,
            reached: time,
            reached_at: now,
            held: 0,
            stirred: false,
            stopped: false,
            repaired_at: None,
        }
    }

    /// The time that a timestamp stands for by this track's clock.
    pub(super) fn landing(&self, raw: u32) -> i64 {
        // The difference is taken modulo 2^32 and read as signed, so that wrapping is no jump.
        self.natural + i64::from(raw.wrapping_sub(self.raw).cast_signed())
    }

    /// The same, if that is near the newest time of either track.
    pub(super) fn landing_near(&self, raw: u32, newest: Option<i64>) -> Option<i64> {
        let landing = self.landing(raw);
        ((landing - newest?).abs() <= MAX_SKEW_MS).then_some(landing)
    }

    /// Lets all timestamps to come stand for later times.
    pub(super) fn move_on(&mut self, by: i64) {
        self.natural += by;
    }

    /// Takes the next timestamp, arrived `now`. `beside` is what it stands for by the other track's
    /// clock, `newest` the newest time of either track. Tells whether something was mended.
    pub(super) fn follow(&mut self, raw: u32, now: i64, beside: Option<i64>, newest: i64) -> bool {
        let landing = self.landing(raw);
        let step = landing - self.natural;
        self.raw = raw;
        if self.stopped && step == 0 {
            self.go_on(now, 1, newest);
            return false;
        }
        if !self.stopped && self.is_plausible(landing, now) {
            self.take(landing, step, now);
            if !self.stands_still(now) {
                return false;
            }
            self.stopped = !self.stirred;
            self.go_on(now, 1, newest);
        } else {
            self.jump(beside, now, newest);
            if self.stopped {
                self.stopped = false;
                return false;
            }
        }
        self.repaired_at = Some(now);
        true
    }

    /// The time that passed since the track last reached a time of its own.
    fn gap(&self, now: i64) -> i64 {
        now.saturating_sub(self.reached_at).clamp(0, FOREVER_MS)
    }

    fn since_repair(&self, now: i64) -> i64 {
        self.repaired_at.map_or(FOREVER_MS, |at| now.saturating_sub(at))
    }

    fn is_plausible(&self, landing: i64, now: i64) -> bool {
        let ahead = if self.since_repair(now) < PROBATION_MS {
            self.gap(now) + MAX_BACK_MS
        } else {
            MAX_AHEAD_MS.max(self.gap(now) + SLACK_MS)
        };
        landing - self.last >= -MAX_BACK_MS && landing - self.natural <= ahead
    }

    /// Passes a timestamp on, as far as the track does not run back.
    fn take(&mut self, landing: i64, step: i64, now: i64) {
        self.natural = landing;
        if landing > self.last {
            if (1..=100).contains(&step) {
                self.step = step;
            }
            self.reach(landing, now);
        } else {
            self.held = self.held.saturating_add(1);
            self.stirred |= step != 0;
            // Frames of parallel tracks share a time; after a step back, times rise all the same.
            self.last += i64::from(step != 0);
        }
    }

    fn reach(&mut self, time: i64, now: i64) {
        self.last = time;
        self.reached = time;
        self.reached_at = now;
        self.held = 0;
        self.stirred = false;
    }

    fn stands_still(&self, now: i64) -> bool {
        let limit = if self.stirred { ASTRAY_MS } else { STOPPED_MS };
        self.held >= STOPPED_FRAMES && self.gap(now) >= limit
    }

    /// After a jump, or when stopped timestamps move again: the track joins the other one's clock if
    /// that makes sense, so that sound and picture stay together, and else goes on by arrival.
    fn jump(&mut self, beside: Option<i64>, now: i64, newest: i64) {
        let slack = if self.stopped { MAX_BACK_MS } else { SLACK_MS };
        let plausible = -MAX_BACK_MS..=self.gap(now) + slack;
        match beside.filter(|landing| plausible.contains(&(landing - self.last))) {
            Some(landing) => {
                self.natural = landing;
                self.reach(landing.max(self.last + 1), now);
            }
            None => {
                // Jumps in quick succession add no more than the time that passes.
                let often = self.since_repair(now) < self.step;
                self.go_on(now, if often || self.stopped { 1 } else { self.step }, newest);
            }
        }
    }

    /// Moves on by the time that passed, but by no less than `at_least`, and takes the timestamp to
    /// stand for that.
    fn go_on(&mut self, now: i64, at_least: i64, newest: i64) {
        let due = self.reached + self.gap(now);
        let time = due.min(newest.max(self.last + MAX_REPAIR_MS)).max(self.last + at_least);
        if due > self.last {
            self.reach(time, now);
        }
        self.last = time;
        self.natural = time;
    }
}

//! Rates over the last ten seconds: what an encoder is told by, which sends large and small pictures in turns.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// What is counted of an encoder.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) pictures: u64,
    pub(super) video_bytes: u64,
    pub(super) audio_bytes: u64,
    /// How long all of it lasts by the stream's own clock, in milliseconds.
    pub(super) media_ms: u64,
}

/// Samples of the last seconds, one a second, oldest first.
#[derive(Debug, Default)]
pub(super) struct Gauge(VecDeque<(Instant, Counts)>);

/// How much there is a second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct PerSecond {
    pub(super) pictures: f64,
    pub(super) video_bits: f64,
    pub(super) audio_bits: f64,
}

impl Gauge {
    /// Begins anew.
    pub(super) fn restart(&mut self, now: Instant, counts: Counts) {
        self.0.clear();
        self.take(now, counts);
    }

    /// Takes a sample.
    pub(super) fn take(&mut self, now: Instant, counts: Counts) {
        if self.0.len() > SECONDS {
            self.0.pop_front();
        }
        self.0.push_back((now, counts));
    }

    /// The rates of the last seconds; `None` before there were enough.
    pub(super) fn rates(&self) -> Option<PerSecond> {
        let ((first, before), (last, after)) = (self.0.front()?, self.0.back()?);
        let passed = *last - *first;
        // After a network that stood still, more comes in than that time's.
        let lasts = Duration::from_millis(after.media_ms.saturating_sub(before.media_ms));
        let seconds = passed.max(lasts).as_secs_f64();
        let per_second = |after: u64, before: u64| after.saturating_sub(before) as f64 / seconds;
        (passed.as_secs_f64() >= ENOUGH_SECONDS).then(|| PerSecond {
            pictures: per_second(after.pictures, before.pictures),
            video_bits: per_second(after.video_bytes, before.video_bytes) * 8.0,
            audio_bits: per_second(after.audio_bytes, before.audio_bytes) * 8.0,
        })
    }
}

const SECONDS: usize = 10;
/// A whole key frame interval, of most encoders two.
const ENOUGH_SECONDS: f64 = 4.9;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_those_of_ten_seconds() {
        let (start, mut gauge) = (Instant::now(), Gauge::default());
        for second in 0..30_u64 {
            // A megabit, and two after the twelfth second.
            let bytes = second * 125_000 + second.saturating_sub(12) * 125_000;
            let (pictures, audio_bytes, media_ms) = (second * 25, second * 2_000, second * 1_000);
            let counts = Counts { pictures, video_bytes: bytes, audio_bytes, media_ms };
            gauge.take(start + Duration::from_secs(second), counts);
            let video = gauge.rates().map(|rates| rates.video_bits);
            match second {
                0..5 => assert_eq!(video, None),
                5..=12 => assert_eq!(video, Some(1_000_000.0)),
                22.. => assert_eq!(video, Some(2_000_000.0)),
                _ => assert!(video > Some(1_000_000.0) && video < Some(2_000_000.0)),
            }
        }
        let rates = gauge.rates().unwrap();
        assert_eq!((rates.pictures, rates.audio_bits), (25.0, 16_000.0));
        gauge.restart(start + Duration::from_secs(30), Counts::default());
        assert_eq!(gauge.rates(), None);
    }

    #[test]
    fn what_comes_late_and_all_at_once_makes_no_high_rate() {
        let (start, mut gauge) = (Instant::now(), Gauge::default());
        for second in 0..40_u64 {
            // Nothing comes for eight seconds, and then all of it.
            let came = if (15..23).contains(&second) { 15 } else { second };
            let (pictures, video_bytes, audio_bytes) = (came * 25, came * 125_000, came * 2_000);
            let counts = Counts { pictures, video_bytes, audio_bytes, media_ms: came * 1_000 };
            gauge.take(start + Duration::from_secs(second), counts);
            if let Some(rates) = gauge.rates() {
                assert!(rates.video_bits <= 1_000_000.0 && rates.pictures <= 25.0, "{second}: {rates:?}");
                assert!(rates.audio_bits <= 16_000.0);
            }
        }
    }
}

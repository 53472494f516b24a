//! What is counted and measured of an encoder or of a target's connection.

use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

use super::seconds::Seconds;
use crate::relay::status::{HistogramSnapshot, StreamSnapshot, TargetSnapshot};

/// What comes in. Counters begin with the relay and go through all broadcasts; rates are over the last three
/// seconds.
#[derive(Serialize, ToSchema, Default)]
pub(super) struct SourceNumbers {
    bytes_received: u64,
    bits_per_second: u64,
    video_frames: u64,
    audio_frames: u64,
    key_frames: u64,
    /// Bits of pictures per second, over the last ten seconds; null while that is not known.
    video_bits_per_second: Option<u64>,
    /// The same of sound.
    audio_bits_per_second: Option<u64>,
    /// Whether pictures come in another order than they are shown.
    has_b_frames: Option<bool>,
    /// Pictures per second, as they come.
    frame_rate: f64,
    /// From the last key frame but one to the last, by the encoder's clock.
    key_frame_interval_seconds: Option<Seconds>,
    /// How long ago the last key frame came.
    since_key_frame_seconds: Option<Seconds>,
    /// Encoders that were let in.
    publications: u64,
    /// How often one took over from another that still published.
    takeovers: u64,
    /// Bytes kept for newcomers and for targets that are behind.
    kept_bytes: u64,
}

impl From<&StreamSnapshot> for SourceNumbers {
    fn from(status: &StreamSnapshot) -> Self {
        Self {
            bytes_received: status.bytes_received,
            bits_per_second: status.bits_per_second,
            video_frames: status.video_frames,
            audio_frames: status.audio_frames,
            key_frames: status.key_frames,
            video_bits_per_second: status.known.and_then(|known| bits(known.video_bits_per_second)),
            audio_bits_per_second: status.known.and_then(|known| bits(known.audio_bits_per_second)),
            has_b_frames: status.known.and_then(|known| known.has_b_frames),
            frame_rate: (status.frame_rate * 100.0).round() / 100.0,
            key_frame_interval_seconds: status.key_frame_interval.map(Seconds),
            since_key_frame_seconds: status.since_key_frame.map(Seconds),
            publications: status.publications,
            takeovers: status.takeovers,
            kept_bytes: status.kept_bytes,
        }
    }
}

/// What goes out over one connection. Counters begin with the relay, or with the target if it is younger,
/// and go through edits and broadcasts; rates are over the last three seconds.
#[derive(Serialize, ToSchema, Default)]
pub(super) struct ConnectionNumbers {
    bytes_sent: u64,
    bits_per_second: u64,
    sent_video_frames: u64,
    sent_audio_frames: u64,
    /// How far it is behind the encoder.
    lag_ms: u64,
    /// Bytes that the relay keeps for it and has not handed to the kernel yet.
    queue_bytes: u64,
    /// Frames left out because it was too slow.
    skipped_frames: u64,
    skipped_video_frames: u64,
    skipped_audio_frames: u64,
    /// Sessions begun after the first.
    reconnects: u64,
    /// Tries that failed before the target took the stream.
    failed_attempts: u64,
    /// Time spent live.
    live_seconds: Option<Seconds>,
    /// The network's round-trip time, as the kernel measures it; null without a connection, and on systems
    /// that do not tell.
    round_trip_ms: Option<f64>,
    /// How much round-trip times vary.
    round_trip_variation_ms: Option<f64>,
    /// Segments that the kernel sent again.
    retransmits: u64,
    /// Bytes that wait in the kernel and were never sent.
    unsent_bytes: Option<u32>,
    /// Bytes that were sent and are not confirmed yet.
    unconfirmed_bytes: Option<u32>,
    /// How long half of the frames took at most from their arrival until they were handed to the kernel.
    delay_p50_ms: Option<u64>,
    /// The same of 99 in a hundred; null also when the rest took longer than is told apart.
    delay_p99_ms: Option<u64>,
}

impl From<&TargetSnapshot> for ConnectionNumbers {
    fn from(status: &TargetSnapshot) -> Self {
        let connection = status.connection;
        Self {
            bytes_sent: status.bytes_sent,
            bits_per_second: status.bits_per_second,
            sent_video_frames: status.sent_video,
            sent_audio_frames: status.sent_audio,
            lag_ms: status.lag_ms,
            queue_bytes: status.queue_bytes,
            skipped_frames: status.skipped_video.saturating_add(status.skipped_audio),
            skipped_video_frames: status.skipped_video,
            skipped_audio_frames: status.skipped_audio,
            reconnects: status.reconnects,
            failed_attempts: status.totals.failed_attempts,
            live_seconds: Some(Seconds(status.totals.live)),
            round_trip_ms: connection.map(|tcp| milliseconds(tcp.round_trip)),
            round_trip_variation_ms: connection.map(|tcp| milliseconds(tcp.round_trip_variation)),
            retransmits: status.totals.retransmits,
            unsent_bytes: connection.map(|tcp| tcp.unsent),
            unconfirmed_bytes: connection.map(|tcp| tcp.unconfirmed),
            delay_p50_ms: within(&status.totals.delay, 50),
            delay_p99_ms: within(&status.totals.delay, 99),
        }
    }
}

fn bits(per_second: Option<f64>) -> Option<u64> {
    per_second.map(|bits| bits as u64)
}

/// The bound within which that many of a hundred are.
fn within(histogram: &HistogramSnapshot, percent: u64) -> Option<u64> {
    let count = histogram.count();
    let mut seen = 0;
    let bucket = histogram.buckets.iter().find(|(_, count_within)| {
        seen += count_within;
        count > 0 && seen * 100 >= count * percent
    });
    let bound = bucket.and_then(|(bound, _)| *bound)?;
    u64::try_from(bound.as_millis()).ok()
}

/// To the microsecond, as the kernel tells it.
fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1_000_000.0).round() / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_found_among_the_buckets() {
        let ms = |ms| Some(Duration::from_millis(ms));
        let histogram = |counts: [u64; 3]| HistogramSnapshot {
            buckets: [ms(1), ms(10), None].into_iter().zip(counts).collect(),
            sum: Duration::ZERO,
        };
        for (counts, half, most) in [
            ([0, 0, 0], None, None),
            ([1, 0, 0], Some(1), Some(1)),
            ([50, 50, 0], Some(1), Some(10)),
            ([49, 50, 1], Some(10), Some(10)),
            ([0, 98, 2], Some(10), None),
        ] {
            let histogram = histogram(counts);
            assert_eq!((within(&histogram, 50), within(&histogram, 99)), (half, most), "{counts:?}");
        }
    }
}

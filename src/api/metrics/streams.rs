//! What is known of streams.

use std::fmt;
use std::time::Duration;

use super::family::{Family, Labels, Writer};
use crate::model::StreamId;
use crate::relay::status::{Facts, SourceState, StreamSnapshot};

type Row = (StreamId, StreamSnapshot);

pub(super) fn write(writer: &mut Writer<'_>, streams: &[Row]) -> fmt::Result {
    let states = streams.iter().flat_map(|(id, at)| {
        STATES.map(|(state, word)| (labels(*id, &[("state", word)]), f64::from(at.state == state)))
    });
    writer.gauge(
        &Family::new(
            "splitcast_ingest_state",
            "1 for the state that a stream's encoder is in, 0 for all others.",
        ),
        states,
    )?;
    writer.info(
        "splitcast_ingest",
        "Codecs and size of what the encoder sends, or sent last.",
        streams.iter().map(|(id, at)| facts(*id, &at.facts)),
    )?;
    count(writer, streams, &Family::bytes("splitcast_ingest", "Bytes that encoders sent."), |at| {
        at.bytes_received
    })?;
    let frames = streams.iter().flat_map(|(id, at)| {
        [("video", at.video_frames), ("audio", at.audio_frames)]
            .map(|(kind, frames)| (labels(*id, &[("kind", kind)]), frames as f64))
    });
    writer.counter(
        &Family::new("splitcast_ingest_frames", "Pictures and frames of sound that came."),
        frames,
    )?;
    let key_frames = Family::new("splitcast_ingest_keyframes", "Pictures that came and need no other.");
    count(writer, streams, &key_frames, |at| at.key_frames)?;
    let publications = Family::new("splitcast_ingest_publications", "Encoders that were let in.");
    count(writer, streams, &publications, |at| at.publications)?;
    let takeovers = "Encoders that took over from one that still published.";
    count(writer, streams, &Family::new("splitcast_ingest_takeovers", takeovers), |at| at.takeovers)?;
    time(
        writer,
        streams,
        &Family::seconds("splitcast_ingest_uptime", "How long the encoder has been publishing."),
        |at| Some(at.in_state_for).filter(|_| at.state == SourceState::Live),
    )?;
    time(
        writer,
        streams,
        &Family::seconds(
            "splitcast_ingest_keyframe_interval",
            "From the last key frame but one to the last, by the encoder's clock.",
        ),
        |at| at.key_frame_interval,
    )?;
    time(
        writer,
        streams,
        &Family::seconds("splitcast_ingest_keyframe_age", "How long ago the last key frame came."),
        |at| at.since_key_frame,
    )?;
    writer.gauge(
        &Family::bytes("splitcast_ring", "Bytes kept for newcomers and for targets that are behind."),
        streams.iter().map(|(id, at)| (labels(*id, &[]), at.kept_bytes as f64)),
    )
}

fn count(
    writer: &mut Writer<'_>,
    streams: &[Row],
    family: &Family,
    of: fn(&StreamSnapshot) -> u64,
) -> fmt::Result {
    writer.counter(family, streams.iter().map(|(id, at)| (labels(*id, &[]), of(at) as f64)))
}

/// A time that is not always known.
fn time(
    writer: &mut Writer<'_>,
    streams: &[Row],
    family: &Family,
    of: fn(&StreamSnapshot) -> Option<Duration>,
) -> fmt::Result {
    let known = streams.iter().filter_map(|(id, at)| Some((labels(*id, &[]), of(at)?.as_secs_f64())));
    writer.gauge(family, known)
}

/// The encoder's name is not among them: it is text of a stranger's choice.
fn facts(id: StreamId, facts: &Facts) -> Labels {
    let size = |size: Option<u32>| size.map(|pixels| pixels.to_string()).unwrap_or_default();
    labels(
        id,
        &[
            ("video_codec", facts.video_codec.unwrap_or_default()),
            ("audio_codec", facts.audio_codec.unwrap_or_default()),
            ("width", &size(facts.width)),
            ("height", &size(facts.height)),
        ],
    )
}

fn labels(id: StreamId, more: &[(&'static str, &str)]) -> Labels {
    let more = more.iter().map(|(name, value)| (*name, (*value).to_owned()));
    [("stream", id.to_string())].into_iter().chain(more).collect()
}

const STATES: [(SourceState, &str); 3] =
    [(SourceState::Offline, "offline"), (SourceState::Live, "live"), (SourceState::Held, "held")];

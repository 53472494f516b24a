//! What is known of the targets that run.

use std::fmt;

use super::family::{Family, Labels, Writer};
use crate::model::{EndpointRole, Severity, TargetId, TargetState};
use crate::net::TcpStats;
use crate::relay::status::TargetSnapshot;

type Row = (TargetId, EndpointRole, TargetSnapshot);

pub(super) fn write(writer: &mut Writer<'_>, targets: &[Row]) -> fmt::Result {
    write_state(writer, targets)?;
    write_warnings(writer, targets)?;
    write_sent(writer, targets)?;
    write_attempts(writer, targets)?;
    write_connections(writer, targets)
}

fn write_state(writer: &mut Writer<'_>, targets: &[Row]) -> fmt::Result {
    let states = targets.iter().flat_map(|row| {
        let running = TargetState::ALL.iter().filter(|state| !is_at_rest(**state));
        running.map(|state| (labels(row, &[("state", state.as_str())]), f64::from(row.2.state == *state)))
    });
    writer.gauge(
        &Family::new(
            "splitcast_target_state",
            "1 for the state that a target's connection is in, 0 for all others.",
        ),
        states,
    )?;
    gauge(
        writer,
        targets,
        &Family::new(
            "splitcast_target_uses_backup",
            "Whether the second address is used since the first failed.",
        ),
        |(_, connection, at)| {
            Some(f64::from(*connection == EndpointRole::Primary && at.endpoint == EndpointRole::Backup))
        },
    )?;
    gauge(
        writer,
        targets,
        &Family::seconds("splitcast_target_uptime", "How long the target has been connected."),
        |(.., at)| at.connected_for.map(|time| time.as_secs_f64()),
    )?;
    let live = "Time for which the target was fed.";
    writer.counter(
        &Family::seconds("splitcast_target_live", live),
        targets.iter().map(|row| (labels(row, &[]), row.2.totals.live.as_secs_f64())),
    )
}

/// What is minded is told once for a target, with its first connection.
fn write_warnings(writer: &mut Writer<'_>, targets: &[Row]) -> fmt::Result {
    let first = || targets.iter().filter(|(_, connection, _)| *connection == EndpointRole::Primary);
    let rows = first().flat_map(|row| {
        Severity::ALL.iter().map(|severity| {
            let of_it = row.2.warnings.iter().filter(|warning| warning.finding.severity == *severity);
            (labels(row, &[("severity", severity.as_str())]), of_it.count() as f64)
        })
    });
    let warnings =
        "What the target's platform would mind in what the encoder sends: how many things of a severity.";
    writer.gauge(&Family::new("splitcast_target_warnings", warnings), rows)?;
    let rows = first().flat_map(|row| {
        let kinds = row.2.warnings.iter().map(|warning| warning.finding.kind.as_str());
        kinds.map(|kind| (labels(row, &[("kind", kind)]), 1.0))
    });
    let kinds = "1 for each kind of thing that the target's platform would mind; others have no row.";
    writer.gauge(&Family::new("splitcast_target_warning", kinds), rows)
}

fn write_sent(writer: &mut Writer<'_>, targets: &[Row]) -> fmt::Result {
    count(writer, targets, &Family::bytes("splitcast_target_sent", "Bytes handed to the kernel."), |at| {
        at.bytes_sent
    })?;
    let by_kind = |of: fn(&TargetSnapshot) -> (u64, u64)| {
        targets.iter().flat_map(move |row| {
            let (video, audio) = of(&row.2);
            [("video", video), ("audio", audio)].map(|(kind, n)| (labels(row, &[("kind", kind)]), n as f64))
        })
    };
    writer.counter(
        &Family::new(
            "splitcast_target_sent_frames",
            "Pictures and frames of sound handed to the connection.",
        ),
        by_kind(|at| (at.sent_video, at.sent_audio)),
    )?;
    writer.counter(
        &Family::new(
            "splitcast_target_dropped_frames",
            "Pictures and frames of sound left out because the target was too slow.",
        ),
        by_kind(|at| (at.skipped_video, at.skipped_audio)),
    )?;
    gauge(
        writer,
        targets,
        &Family::seconds("splitcast_target_lag", "How far behind the newest frame the target is."),
        |(.., at)| Some(at.lag_ms as f64 / 1_000.0),
    )?;
    gauge(
        writer,
        targets,
        &Family::bytes(
            "splitcast_target_queue",
            "Bytes that wait for the target and are not handed to the kernel.",
        ),
        |(.., at)| Some(at.queue_bytes as f64),
    )?;
    writer.histogram(
        &Family::seconds(
            "splitcast_frame_delay",
            "From a frame's arrival until it was handed to the kernel, of one frame about once a second.",
        ),
        targets.iter().map(|row| (labels(row, &[]), &row.2.totals.delay)),
    )
}

fn write_attempts(writer: &mut Writer<'_>, targets: &[Row]) -> fmt::Result {
    let attempts = targets.iter().flat_map(|row| {
        let totals = &row.2.totals;
        [("accepted", totals.sessions), ("failed", totals.failed_attempts)]
            .map(|(outcome, n)| (labels(row, &[("outcome", outcome)]), n as f64))
    });
    writer.counter(
        &Family::new("splitcast_target_connect_attempts", "Tries to connect that came to an end."),
        attempts,
    )?;
    writer.histogram(
        &Family::seconds(
            "splitcast_target_connect_duration",
            "From the beginning of a try until the target took the stream.",
        ),
        targets.iter().map(|row| (labels(row, &[]), &row.2.totals.connecting)),
    )?;
    let failures = targets.iter().flat_map(|row| {
        let kinds = row.2.totals.failures.iter();
        kinds.map(|(kind, n)| (labels(row, &[("kind", kind.as_str())]), *n as f64))
    });
    writer.counter(
        &Family::new("splitcast_target_errors", "Tries that failed and connections that were lost, by kind."),
        failures,
    )
}

/// What the kernel knows.
fn write_connections(writer: &mut Writer<'_>, targets: &[Row]) -> fmt::Result {
    let mut known = |family: Family, of: fn(TcpStats) -> f64| {
        let rows = targets.iter().filter_map(|row| Some((labels(row, &[]), of(row.2.connection?))));
        writer.gauge(&family, rows)
    };
    known(Family::seconds("splitcast_target_rtt", "The connection's round-trip time."), |tcp| {
        tcp.round_trip.as_secs_f64()
    })?;
    known(Family::seconds("splitcast_target_rtt_variation", "How much round-trip times vary."), |tcp| {
        tcp.round_trip_variation.as_secs_f64()
    })?;
    let unsent = "Bytes that wait in the kernel and were never sent.";
    known(Family::bytes("splitcast_target_unsent", unsent), |tcp| tcp.unsent.into())?;
    let unacknowledged = "Bytes that were sent and are not confirmed yet.";
    known(Family::bytes("splitcast_target_unacknowledged", unacknowledged), |tcp| tcp.unconfirmed.into())?;
    let retransmitted = "TCP segments that the kernel sent again.";
    count(writer, targets, &Family::new("splitcast_target_retransmitted_segments", retransmitted), |at| {
        at.totals.retransmits
    })
}

fn count(
    writer: &mut Writer<'_>,
    targets: &[Row],
    family: &Family,
    of: fn(&TargetSnapshot) -> u64,
) -> fmt::Result {
    writer.counter(family, targets.iter().map(|row| (labels(row, &[]), of(&row.2) as f64)))
}

fn gauge(
    writer: &mut Writer<'_>,
    targets: &[Row],
    family: &Family,
    of: fn(&Row) -> Option<f64>,
) -> fmt::Result {
    writer.gauge(family, targets.iter().filter_map(|row| Some((labels(row, &[]), of(row)?))))
}

/// Targets that are switched off or stopped have no entry.
fn is_at_rest(state: TargetState) -> bool {
    matches!(state, TargetState::Disabled | TargetState::Stopped)
}

/// `endpoint` tells the two connections of a target that is fed at both of its addresses from each other.
fn labels((target, endpoint, at): &Row, more: &[(&'static str, &str)]) -> Labels {
    let whose = [
        ("stream", at.stream.to_string()),
        ("target", target.to_string()),
        ("endpoint", endpoint.as_str().to_owned()),
    ];
    whose.into_iter().chain(more.iter().map(|(name, value)| (*name, (*value).to_owned()))).collect()
}

// Streams and targets for tests.

import type { Run, SourceState, StreamWithTargets, Target, TargetState } from "./api";

export function run(state: TargetState, more: Partial<Run> = {}): Run {
  return {
    state,
    step: null,
    kind: null,
    reason: "",
    attempts: 0,
    connected_since: null,
    endpoint: "primary",
    next_try_at: null,
    bytes_sent: 0,
    bits_per_second: 0,
    skipped_video_frames: 0,
    skipped_audio_frames: 0,
    lag_ms: 0,
    reconnects: 0,
    queue_bytes: 0,
    failed_attempts: 0,
    live_seconds: 0,
    round_trip_ms: null,
    round_trip_variation_ms: null,
    retransmits: 0,
    unsent_bytes: null,
    unconfirmed_bytes: null,
    delay_p50_ms: null,
    delay_p99_ms: null,
    ...more,
  };
}

export function target(id: number, state: TargetState, more: Partial<Target> = {}): Target {
  return {
    ...run(state),
    id,
    stream_id: 1,
    name: `Target ${id}`,
    url: "rtmp://a/live",
    has_key: true,
    backup_url: null,
    has_backup_key: false,
    backup_policy: "failover",
    enabled: state !== "disabled",
    start_mode: "with_source",
    notes: "",
    started: state !== "stopped",
    coalesce_ms: null,
    version: 1,
    backup: null,
    ...more,
  };
}

/** What an encoder sends that nothing is known of yet. */
const UNKNOWN = {
  frame_rate: 0,
  key_frame_interval_seconds: null,
  video_codec: null,
  audio_codec: null,
  width: null,
  height: null,
  declared_frame_rate: null,
  encoder: null,
};

export function stream(state: SourceState, targets: Target[]): StreamWithTargets {
  const sent = { peer: "192.0.2.1:5555", bytes_received: 0, bits_per_second: 6e6, ...UNKNOWN };
  const source = { state, for_seconds: 12, held_until: null, ...sent };
  const rules = { hold_seconds: 60, takeover: "newest_if_silent", on_unpublish: "end", coalesce_ms: null, version: 1 } as const;
  return { id: 1, name: "Main", app: null, key_is_weak: false, allow_from: [], notes: "", ...rules, source, target_count: targets.length, targets };
}

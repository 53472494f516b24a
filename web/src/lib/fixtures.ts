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
    started: state !== "stopped",
    coalesce_ms: null,
    version: 1,
    backup: null,
    ...more,
  };
}

export function stream(state: SourceState, targets: Target[]): StreamWithTargets {
  const source = { state, for_seconds: 12, peer: "192.0.2.1:5555", bytes_received: 0, bits_per_second: 6e6, held_until: null };
  const rules = { hold_seconds: 60, takeover: "newest_if_silent", on_unpublish: "end", coalesce_ms: null, version: 1 } as const;
  return { id: 1, name: "Main", app: null, key_is_weak: false, ...rules, source, target_count: targets.length, targets };
}

// Streams and targets for tests.

import type { Run, Source, SourceState, StreamWithTargets, Target, TargetState } from "./api";

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
    user: null,
    has_password: false,
    key_used: false,
    takes: { video_codecs: null, audio_codecs: null, tracks: null, video_track: null, audio_track: null, tags: null },
    intake: { video_codecs: null, audio_codecs: null, tracks: "all", video_track: 0, audio_track: 0, tags: "as_sent" },
    backup_url: null,
    has_backup_key: false,
    backup_user: null,
    has_backup_password: false,
    backup_policy: "failover",
    enabled: state !== "disabled",
    start_mode: "with_source",
    notes: "",
    started: state !== "stopped",
    coalesce_ms: null,
    version: 1,
    backup: null,
    warnings: [],
    ...more,
  };
}

export function stream(state: SourceState, targets: Target[]): StreamWithTargets {
  const source = { ...SOURCE, state };
  const rules = { hold_seconds: 60, takeover: "newest_if_silent", on_unpublish: "end", coalesce_ms: null, version: 1 } as const;
  const login = { ingest_user: null, has_ingest_password: false };
  return { id: 1, name: "Main", app: null, key_is_weak: false, allow_from: [], ...login, notes: "", ...rules, source, target_count: targets.length, targets };
}

const SOURCE: Source = {
  state: "live",
  for_seconds: 12,
  peer: "192.0.2.1:5555",
  held_until: null,
  video_codec: "avc",
  audio_codec: "aac",
  width: 1920,
  height: 1080,
  declared_frame_rate: 30,
  encoder: "obs-output module",
  video_profile: null,
  video_level: null,
  bit_depth: null,
  audio_profile: null,
  audio_sample_rate: null,
  audio_channels: null,
  video_bits_per_second: null,
  audio_bits_per_second: null,
  has_b_frames: null,
  bytes_received: 0,
  bits_per_second: 6e6,
  video_frames: 360,
  audio_frames: 520,
  key_frames: 6,
  frame_rate: 30,
  key_frame_interval_seconds: 2,
  since_key_frame_seconds: 0.4,
  publications: 1,
  takeovers: 0,
  kept_bytes: 0,
};

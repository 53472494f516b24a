// What a person who asks for help needs to show of a target, as one text. It is English, as the server's reasons
// are and the places where people ask.
//
// The API tells no key, and masks what may be one. Left out besides: notes, and where the encoder is.

import type { Run, StreamWithTargets, Target, TargetEvent } from "./api";

export interface Diagnosed {
  version: string;
  stream: StreamWithTargets;
  target: Target;
  events: readonly TargetEvent[];
  /** Seconds since 1970. */
  now: number;
}

export function diagnostics({ version, stream, target, events, now }: Diagnosed): string {
  const { source } = stream;
  const shown = events.slice(0, EVENTS).map((event) => `  ${told(event)}`);
  return [
    `splitcast ${version}, target ${target.id}, ${time(now)}`,
    "",
    `address: ${target.url}`,
    ...(target.backup_url === null ? [] : [`backup: ${target.backup_url} (${target.backup_policy})`]),
    `wanted: ${target.enabled ? "on" : "off"}, ${target.started ? "started" : "stopped"}, ${target.start_mode}`,
    "",
    `encoder: ${source.state}, ${source.bits_per_second} bit/s, ${numbers(source, SOURCE)}`,
    ...connection("connection", target, now),
    ...(target.backup === null ? [] : connection("second connection", target.backup, now)),
    ...target.warnings.map(({ kind, severity, for_seconds, reason }) => `warning: ${kind} (${severity}) for ${for_seconds} s: ${oneLine(reason)}`),
    "",
    `last events: ${shown.length === 0 ? "none" : ""}`.trimEnd(),
    ...shown,
    "",
  ].join("\n");
}

function connection(name: string, run: Run, now: number): string[] {
  const live = run.connected_since === null ? "" : `, connected for ${Math.round(now - run.connected_since)} s`;
  return [
    `${name}: ${run.state} (${run.endpoint})${live}, ${numbers(run, ["step", "kind", "attempts"])}`,
    `  ${oneLine(run.reason)}`,
    `  ${numbers(run, COUNTED)}`,
    `  ${numbers(run, MEASURED)}`,
  ];
}

function told({ at, endpoint, from, for_seconds, state, kind, warning, attempt, reason }: TargetEvent): string {
  if (warning !== null) return `${time(at)} ${state}: ${warning}: ${oneLine(reason)}`;
  const what = `${endpoint} ${from} for ${for_seconds} s -> ${state}`;
  return `${time(at)} ${what}${kind === null ? "" : ` (${kind}, try ${attempt})`}: ${oneLine(reason)}`;
}

function numbers<Shown extends object>(of: Shown, names: readonly (keyof Shown & string)[]): string {
  return names.map((name) => `${name} ${oneLine(String(of[name] ?? "-"))}`).join(", ");
}

/** What a server wrote must not look like a line of this. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

function time(at: number): string {
  return new Date(at * 1000).toISOString();
}

const EVENTS = 20;
const SOURCE = [
  "video_codec",
  "video_profile",
  "video_level",
  "width",
  "height",
  "frame_rate",
  "key_frame_interval_seconds",
  "has_b_frames",
  "video_bits_per_second",
  "audio_codec",
  "audio_profile",
  "audio_sample_rate",
  "audio_channels",
  "audio_bits_per_second",
  "encoder",
] as const;
const COUNTED = [
  "bits_per_second",
  "bytes_sent",
  "lag_ms",
  "queue_bytes",
  "skipped_video_frames",
  "skipped_audio_frames",
  "reconnects",
  "failed_attempts",
  "live_seconds",
] as const;
const MEASURED = [
  "round_trip_ms",
  "round_trip_variation_ms",
  "retransmits",
  "unsent_bytes",
  "unconfirmed_bytes",
  "delay_p50_ms",
  "delay_p99_ms",
] as const;

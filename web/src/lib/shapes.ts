// What the API takes and answers.

export type SourceState = "offline" | "live" | "held";

/** Which tracks of a stream a target takes. */
export type Tracks = "one" | "all_audio" | "all";
/** The form of tags that a target takes. */
export type TagForm = "as_sent" | "common";

export type TargetState =
  | "disabled"
  | "stopped"
  | "waiting_for_source"
  | "resolving"
  | "connecting"
  | "tls"
  | "publishing"
  | "live"
  | "holding"
  | "backing_off"
  | "blocked";

export type StartMode = "with_source" | "manual";
export type EndpointRole = "primary" | "backup";
export type BackupPolicy = "failover" | "both";
export type Takeover = "newest_if_silent" | "newest_wins" | "refuse";
export type OnUnpublish = "end" | "hold";

/** What comes from an encoder. Counters go through all broadcasts since splitcast was started. */
export interface SourceNumbers {
  bytes_received: number;
  bits_per_second: number;
  video_frames: number;
  audio_frames: number;
  key_frames: number;
  /** Of pictures, over ten seconds; null while it is not known. */
  video_bits_per_second: number | null;
  audio_bits_per_second: number | null;
  has_b_frames: boolean | null;
  /** Pictures per second, as they come. */
  frame_rate: number;
  key_frame_interval_seconds: number | null;
  since_key_frame_seconds: number | null;
  /** Encoders that were let in. */
  publications: number;
  takeovers: number;
  kept_bytes: number;
}

export interface Source extends SourceNumbers {
  state: SourceState;
  for_seconds: number;
  peer: string | null;
  /** Until when targets are kept connected without the encoder, in seconds since 1970. */
  held_until: number | null;
  video_codec: string | null;
  audio_codec: string | null;
  width: number | null;
  height: number | null;
  /** Pictures per second, as the encoder says. */
  declared_frame_rate: number | null;
  /** What it calls itself. */
  encoder: string | null;
  /** What decoders are told. */
  video_profile: string | null;
  video_level: string | null;
  bit_depth: number | null;
  audio_profile: string | null;
  /** Per second. */
  audio_sample_rate: number | null;
  audio_channels: number | null;
}

export interface Stream {
  id: number;
  name: string;
  app: string | null;
  key_is_weak: boolean;
  hold_seconds: number;
  takeover: Takeover;
  on_unpublish: OnUnpublish;
  /** Grows with each change. */
  version: number;
  /** How long frames may wait for those that follow; null is automatic. */
  coalesce_ms: number | null;
  /** The only places that encoders may come from; none is everywhere. */
  allow_from: string[];
  /** As whom its encoder must log in, with a password that is never shown; null for nobody. */
  ingest_user: string | null;
  has_ingest_password: boolean;
  /** For people. */
  notes: string;
  source: Source;
  target_count: number;
}

/** What one connection of a target is sent. */
export interface RunNumbers {
  bytes_sent: number;
  bits_per_second: number;
  skipped_video_frames: number;
  skipped_audio_frames: number;
  lag_ms: number;
  /** Bytes that the relay keeps for it and has not handed to the kernel yet. */
  queue_bytes: number;
  reconnects: number;
  /** Tries that failed before it was live. */
  failed_attempts: number;
  /** Time spent live. */
  live_seconds: number | null;
  /** What the kernel measures, and null without a connection. */
  round_trip_ms: number | null;
  round_trip_variation_ms: number | null;
  retransmits: number;
  /** Bytes that wait in the kernel. */
  unsent_bytes: number | null;
  /** Bytes on their way. */
  unconfirmed_bytes: number | null;
  /** How long half of the frames took at most through the relay. */
  delay_p50_ms: number | null;
  /** The same of 99 in a hundred. */
  delay_p99_ms: number | null;
}

/** What was said that a target takes. Null is as its platform has it. */
export interface Takes {
  /** None is no video. */
  video_codecs: string[] | null;
  /** None is no audio. */
  audio_codecs: string[] | null;
  tracks: Tracks | null;
  /** The tracks that are sent where one is. */
  video_track: number | null;
  audio_track: number | null;
  tags: TagForm | null;
}

/** What is taken, with nothing left open. */
export interface Intake {
  /** Null is any. */
  video_codecs: string[] | null;
  audio_codecs: string[] | null;
  tracks: Tracks;
  video_track: number;
  audio_track: number;
  tags: TagForm;
}

/** How one connection of a target does. */
export interface Run extends RunNumbers {
  state: TargetState;
  /** The step it is at, or failed at. */
  step: string | null;
  /** What kind of failure it suffers from. */
  kind: string | null;
  reason: string;
  /** Tries since it was last live or waiting. */
  attempts: number;
  /** When it tries again, if it waits for that: seconds since 1970. */
  next_try_at: number | null;
  /** Seconds since 1970. */
  connected_since: number | null;
  endpoint: EndpointRole;
}

/** Something in what an encoder sends that a target's platform would mind. */
export interface Warning {
  kind: string;
  severity: "warning" | "bad";
  /** How it is and how it should be at most, of a sample rate for one, where those are numbers. */
  measured: number | null;
  limit: number | null;
  unit: "kbps" | "seconds" | "fps" | "lines" | "hertz" | null;
  /** Who minds it; null is nobody in particular. */
  platform: string | null;
  for_seconds: number;
  /** What is wrong and what can be done. */
  reason: string;
}

export interface Target extends Run {
  id: number;
  stream_id: number;
  name: string;
  url: string;
  has_key: boolean;
  /** Its key was for one broadcast, which is over. */
  key_used: boolean;
  /** As whom splitcast logs in there, with a password that is never shown. */
  user: string | null;
  has_password: boolean;
  backup_url: string | null;
  has_backup_key: boolean;
  backup_user: string | null;
  has_backup_password: boolean;
  backup_policy: BackupPolicy;
  /** Off: it never runs. */
  enabled: boolean;
  start_mode: StartMode;
  takes: Takes;
  /** What comes of it. */
  intake: Intake;
  /** What people note. */
  notes: string;
  /** Grows with each change. */
  version: number;
  /** What was last ordered by hand. */
  started: boolean;
  /** Null is as the stream has it. */
  coalesce_ms: number | null;
  /** The second connection, where both addresses are fed at once. */
  backup: Run | null;
  warnings: Warning[];
}

/** A change in what a target is doing, or a warning that began or is over. */
export interface TargetEvent {
  id: number;
  /** Seconds since 1970. */
  at: number;
  /** Null for a warning. */
  endpoint: EndpointRole | null;
  /** Null for a warning. */
  from: TargetState | null;
  /** How long it was `from`, or a warning lasted that is over. */
  for_seconds: number | null;
  state: TargetState | "warned" | "cleared";
  /** What kind of failure it was, if one. */
  kind: string | null;
  /** What is minded, if this is a warning. */
  warning: string | null;
  reason: string;
  /** Null for a warning. */
  attempt: number | null;
}

/** How it went lately: each list has an entry for each span of time, oldest first, null where nothing was connected. */
export interface Samples {
  /** When the newest span began: seconds since 1970. */
  at: number;
  every_seconds: number;
  bits_per_second: (number | null)[];
}

/** What was sent over a connection. */
export interface SentSamples extends Samples {
  /** The most of each span. */
  lag_ms: (number | null)[];
  skipped_frames: (number | null)[];
}

export interface TargetSamples extends SentSamples {
  /** The second connection, where both addresses are fed at once. */
  backup: SentSamples | null;
}

export interface StreamWithTargets extends Stream {
  targets: Target[];
}

export interface Rtmps {
  port: number;
  /** The host names of the certificate, wildcards among them. */
  names: string[];
}

export interface Status {
  version: string;
  rtmp_port: number;
  /** How encoders publish encrypted; null where they cannot. */
  rtmps: Rtmps | null;
  streams: StreamWithTargets[];
}

export type Role = "viewer" | "operator" | "owner";
export type Scope = "read" | "operate" | "edit" | "admin";

/** A person who may log in. */
export interface User {
  id: number;
  name: string;
  role: Role;
  /** Seconds since 1970; null if they never did. */
  last_login_at: number | null;
}

/** What starts with a log-in. */
export interface Session {
  id: number;
  /** When it was last used: seconds since 1970. */
  seen_at: number;
  address: string;
  /** What the browser said it was. */
  agent: string;
  /** It is the one that asks. */
  is_own: boolean;
}

/** A key to the API for a program. */
export interface Token {
  id: number;
  name: string;
  scope: Scope;
  /** Its last characters. */
  hint: string;
  /** The person who made it, with whom it ends. */
  made_by: number | null;
  /** Seconds since 1970; null for never. */
  expires_at: number | null;
  /** Seconds since 1970; null if it never was. */
  last_used_at: number | null;
}

/** Who asks, and what they may. */
export interface Myself {
  /** Nobody can log in yet. */
  needs_set_up: boolean;
  user: User | null;
  scope: Scope | null;
}

export interface NewTarget {
  name: string;
  url: string;
  key?: string;
  user?: string;
  password?: string;
  start_mode: StartMode;
  backup_url?: string;
  backup_key?: string;
  backup_user?: string;
  backup_password?: string;
  backup_policy?: BackupPolicy;
  coalesce_ms?: number | null;
  takes?: Partial<Takes>;
  notes?: string;
}

/** What is left out stays. */
export interface TargetChanges extends Partial<Omit<NewTarget, "user" | "backup_url" | "backup_user">> {
  enabled?: boolean;
  /** Null is none any more, as for those below. */
  user?: string | null;
  backup_url?: string | null;
  backup_user?: string | null;
}

export interface NewStream {
  name: string;
  key?: string;
}

/** What is left out stays. */
export interface StreamChanges {
  name?: string;
  hold_seconds?: number;
  takeover?: Takeover;
  on_unpublish?: OnUnpublish;
  coalesce_ms?: number | null;
  /** Null is any. */
  app?: string | null;
  allow_from?: string[];
  /** Null is nobody any more. */
  ingest_user?: string | null;
  ingest_password?: string;
  notes?: string;
}

export interface NewUser {
  name: string;
  role: Role;
  password: string;
}

export interface NewToken {
  name: string;
  scope: Scope;
  /** Seconds since 1970; null for never. */
  expires_at: number | null;
}

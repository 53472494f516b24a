// The REST API as types and calls. The server's answers are trusted in shape, never in content: all
// text in them may come from a stranger's encoder or target.

import { ServerClock } from "./clock";
import type { Description } from "./openapi";

export type SourceState = "offline" | "live" | "held";

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

/** What comes from an encoder. */
export interface SourceNumbers {
  bytes_received: number;
  bits_per_second: number;
}

export interface Source extends SourceNumbers {
  state: SourceState;
  for_seconds: number;
  peer: string | null;
  /** Until when targets are kept connected without the encoder, in seconds since 1970. */
  held_until: number | null;
}

export interface Stream {
  id: number;
  name: string;
  app: string | null;
  key_is_weak: boolean;
  hold_seconds: number;
  takeover: Takeover;
  on_unpublish: OnUnpublish;
  /** How long frames may wait for those that follow; null is automatic. */
  coalesce_ms: number | null;
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
  reconnects: number;
}

/** How one connection of a target does. */
export interface Run extends RunNumbers {
  state: TargetState;
  reason: string;
  /** Tries since it was last live or waiting. */
  attempts: number;
  /** When it tries again, if it waits for that: seconds since 1970. */
  next_try_at: number | null;
  /** Seconds since 1970. */
  connected_since: number | null;
  endpoint: EndpointRole;
}

export interface Target extends Run {
  id: number;
  stream_id: number;
  name: string;
  url: string;
  has_key: boolean;
  backup_url: string | null;
  has_backup_key: boolean;
  backup_policy: BackupPolicy;
  /** Off: it never runs. */
  enabled: boolean;
  start_mode: StartMode;
  /** What was last ordered by hand. */
  started: boolean;
  /** Null is as the stream has it. */
  coalesce_ms: number | null;
  /** The second connection, where both addresses are fed at once. */
  backup: Run | null;
}

/** A change in what a target is doing. */
export interface TargetEvent {
  id: number;
  /** Seconds since 1970. */
  at: number;
  endpoint: EndpointRole;
  from: TargetState;
  /** How long it was `from`. */
  for_seconds: number;
  state: TargetState;
  reason: string;
  attempt: number;
}

export interface StreamWithTargets extends Stream {
  targets: Target[];
}

export interface Status {
  version: string;
  rtmp_port: number;
  streams: StreamWithTargets[];
}

export type Role = "viewer" | "operator" | "owner";
export type Scope = "read" | "operate" | "edit" | "admin";

/** A person who may log in. */
export interface User {
  id: number;
  name: string;
  role: Role;
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
  start_mode: StartMode;
  backup_url?: string;
  backup_key?: string;
  backup_policy?: BackupPolicy;
  coalesce_ms?: number | null;
}

/** What is left out stays. */
export interface TargetChanges extends Partial<Omit<NewTarget, "backup_url">> {
  enabled?: boolean;
  /** Null is none any more. */
  backup_url?: string | null;
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
}

/** The server's refusal, as it words it (RFC 9457). */
export class ApiError extends Error {
  readonly status: number;
  /** The field of the request that is to blame, when one is. */
  readonly field: string | null;

  constructor(status: number, detail: string, field: string | null) {
    super(detail);
    this.name = "ApiError";
    this.status = status;
    this.field = field;
  }
}

/** No answer came: the server is gone, or the network is. */
export class Unreachable extends Error {
  constructor() {
    super("splitcast does not answer. Nothing was changed, as far as this page can tell.");
    this.name = "Unreachable";
  }
}

/** Calls the API of the server the page came from. */
export class Api {
  /** The server's clock, as its answers tell it. */
  readonly clock = new ServerClock();

  readonly #fetch: typeof fetch;

  constructor(fetcher: typeof fetch = (input, init) => fetch(input, init)) {
    this.#fetch = fetcher;
  }

  status(signal: AbortSignal): Promise<Status> {
    return this.#call("GET", "/status", undefined, signal);
  }

  /** What the API says of itself. */
  description(): Promise<Description> {
    return this.#call("GET", "/openapi.json");
  }

  /** Who this page's user is; the answer to a stranger, too. */
  myself(): Promise<Myself> {
    return this.#call("GET", "/session");
  }

  /** Makes the first owner, who is logged in then. */
  setUp(link: string, name: string, password: string): Promise<Myself> {
    return this.#call("POST", "/setup", { link, name, password });
  }

  logIn(name: string, password: string): Promise<Myself> {
    return this.#call("POST", "/session", { name, password });
  }

  logOut(): Promise<void> {
    return this.#call("DELETE", "/session");
  }

  createStream(stream: NewStream): Promise<Stream> {
    return this.#call("POST", "/streams", stream);
  }

  updateStream(id: number, changes: StreamChanges): Promise<Stream> {
    return this.#call("PATCH", `/streams/${id}`, changes);
  }

  /** Starts all targets of the stream that are switched on. */
  startStream(id: number): Promise<Stream> {
    return this.#call("POST", `/streams/${id}/start`);
  }

  stopStream(id: number): Promise<Stream> {
    return this.#call("POST", `/streams/${id}/stop`);
  }

  removeStream(id: number): Promise<void> {
    return this.#call("DELETE", `/streams/${id}`);
  }

  async streamKey(id: number): Promise<string> {
    const answer = await this.#call<{ key: string }>("GET", `/streams/${id}/key`);
    return answer.key;
  }

  /** Gives the stream a new key: the given one, or one the server makes. */
  rotateKey(id: number, key?: string): Promise<Stream> {
    return this.#call("POST", `/streams/${id}/key`, key === undefined ? {} : { key });
  }

  createTarget(streamId: number, target: NewTarget): Promise<Target> {
    return this.#call("POST", `/streams/${streamId}/targets`, target);
  }

  updateTarget(id: number, changes: TargetChanges): Promise<Target> {
    return this.#call("PATCH", `/targets/${id}`, changes);
  }

  removeTarget(id: number): Promise<void> {
    return this.#call("DELETE", `/targets/${id}`);
  }

  startTarget(id: number): Promise<Target> {
    return this.#call("POST", `/targets/${id}/start`);
  }

  stopTarget(id: number): Promise<Target> {
    return this.#call("POST", `/targets/${id}/stop`);
  }

  /** Ends the wait before the next try. */
  retryTarget(id: number): Promise<Target> {
    return this.#call("POST", `/targets/${id}/retry`);
  }

  /** What happened to a target, newest first. */
  async targetEvents(id: number, limit: number, signal: AbortSignal): Promise<TargetEvent[]> {
    const path = `/targets/${id}/events?limit=${limit}`;
    const answer = await this.#call<{ events: TargetEvent[] }>("GET", path, undefined, signal);
    return answer.events;
  }

  async #call<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
    const headers: Record<string, string> = { Accept: "application/json" };
    const init: RequestInit = { method, headers, cache: "no-store", signal: signal ?? AbortSignal.timeout(CALL_LIMIT_MS) };
    if (body !== undefined) {
      headers["Content-Type"] = "application/json";
      init.body = JSON.stringify(body);
    }
    const response = await this.#fetch(`/api/v1${path}`, init).catch(() => {
      throw new Unreachable();
    });
    this.clock.told(response.headers.get("Date"), Date.now());
    return read<T>(response);
  }
}

/** Tells which of a form's fields an error belongs to; what belongs to none is the form's own. */
export function errorAt<Field extends string>(
  error: unknown,
  fields: readonly Field[],
): { field: Field | null; text: string } {
  const text = error instanceof Error ? error.message : String(error);
  const named = error instanceof ApiError ? error.field : null;
  return { field: fields.find((field) => field === named) ?? null, text };
}

async function read<T>(response: Response): Promise<T> {
  const text = await response.text().catch(() => {
    throw new Unreachable();
  });
  const json = parse(text);
  if (!response.ok) throw problem(response.status, json);
  if (json === undefined && response.status !== 204) {
    throw new ApiError(response.status, "The server's answer cannot be read.", null);
  }
  return json as T;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function problem(status: number, json: unknown): ApiError {
  const body = typeof json === "object" && json !== null ? (json as Record<string, unknown>) : {};
  const detail = [body.detail, body.title].find((text) => typeof text === "string" && text !== "");
  const field = typeof body.field === "string" ? body.field : null;
  return new ApiError(status, (detail as string | undefined) ?? `The server answered with status ${status}.`, field);
}

const CALL_LIMIT_MS = 15_000;

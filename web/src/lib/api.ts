// The REST API as types and calls. The server's answers are trusted in shape, never in content: all
// text in them may come from a stranger's encoder or target.

import { ServerClock } from "./clock";

export type SourceState = "offline" | "live" | "held";

export type TargetState =
  | "disabled"
  | "waiting_for_source"
  | "resolving"
  | "connecting"
  | "tls"
  | "publishing"
  | "live"
  | "holding"
  | "backing_off";

export interface Source {
  state: SourceState;
  for_seconds: number;
  peer: string | null;
  bytes_received: number;
}

export interface Stream {
  id: number;
  name: string;
  app: string | null;
  key_is_weak: boolean;
  source: Source;
  target_count: number;
}

export interface Target {
  id: number;
  stream_id: number;
  name: string;
  url: string;
  has_key: boolean;
  enabled: boolean;
  state: TargetState;
  reason: string;
  state_for_seconds: number;
  next_try_in_seconds: number | null;
  bytes_sent: number;
  skipped_frames: number;
  lag_ms: number;
  reconnects: number;
}

export interface StreamWithTargets extends Stream {
  targets: Target[];
}

export interface Status {
  version: string;
  rtmp_port: number;
  streams: StreamWithTargets[];
}

export interface NewTarget {
  name: string;
  url: string;
  key?: string;
  enabled: boolean;
}

export interface NewStream {
  name: string;
  key?: string;
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
  /** Sent as bearer token when set. */
  token: string | null = null;
  /** The server's clock, as its answers tell it. */
  readonly clock = new ServerClock();

  readonly #fetch: typeof fetch;

  constructor(fetcher: typeof fetch = (input, init) => fetch(input, init)) {
    this.#fetch = fetcher;
  }

  status(signal: AbortSignal): Promise<Status> {
    return this.#call("GET", "/status", undefined, signal);
  }

  createStream(stream: NewStream): Promise<Stream> {
    return this.#call("POST", "/streams", stream);
  }

  renameStream(id: number, name: string): Promise<Stream> {
    return this.#call("PATCH", `/streams/${id}`, { name });
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

  updateTarget(id: number, changes: Partial<NewTarget>): Promise<Target> {
    return this.#call("PATCH", `/targets/${id}`, changes);
  }

  removeTarget(id: number): Promise<void> {
    return this.#call("DELETE", `/targets/${id}`);
  }

  retryTarget(id: number): Promise<Target> {
    return this.#call("POST", `/targets/${id}/retry`);
  }

  async #call<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
    const headers: Record<string, string> = { Accept: "application/json" };
    if (this.token !== null) headers.Authorization = `Bearer ${this.token}`;
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

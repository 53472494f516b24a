// The REST API as types and calls. The server's answers are trusted in shape, never in content: all
// text in them may come from a stranger's encoder or target.

import { ServerClock } from "./clock";
import type { Description } from "./openapi";
import type { Platform } from "./platforms";
import type {
  Myself,
  NewStream,
  NewTarget,
  NewToken,
  NewUser,
  Role,
  Samples,
  Session,
  Status,
  Stream,
  StreamChanges,
  Target,
  TargetChanges,
  TargetEvent,
  TargetSamples,
  Token,
  User,
} from "./shapes";

export type * from "./shapes";

/** The server's refusal, as it words it (RFC 9457). */
export class ApiError extends Error {
  readonly status: number;
  /** The field of the request that is to blame, when one is. */
  readonly field: string | null;
  /** In how many seconds it may be asked again, if that was said. */
  readonly waitSeconds: number | null;

  constructor(status: number, detail: string, field: string | null, waitSeconds: number | null = null) {
    super(detail);
    this.name = "ApiError";
    this.status = status;
    this.field = field;
    this.waitSeconds = waitSeconds;
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
    return this.#call("GET", "/status", undefined, { signal });
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

  /** One's own. */
  async sessions(): Promise<Session[]> {
    return (await this.#call<{ sessions: Session[] }>("GET", "/sessions")).sessions;
  }

  endSession(id: number): Promise<void> {
    return this.#call("DELETE", `/sessions/${id}`);
  }

  /** One's own; other sessions end. */
  changePassword(current: string, password: string): Promise<void> {
    return this.#call("PUT", "/password", { current_password: current, password });
  }

  async users(): Promise<User[]> {
    return (await this.#call<{ users: User[] }>("GET", "/users")).users;
  }

  createUser(user: NewUser): Promise<User> {
    return this.#call("POST", "/users", user);
  }

  /** A new password ends all their sessions. */
  updateUser(id: number, changes: { role?: Role; password?: string }): Promise<User> {
    return this.#call("PATCH", `/users/${id}`, changes);
  }

  removeUser(id: number): Promise<void> {
    return this.#call("DELETE", `/users/${id}`);
  }

  async tokens(): Promise<Token[]> {
    return (await this.#call<{ tokens: Token[] }>("GET", "/tokens")).tokens;
  }

  /** The only answer that has the token itself. */
  createToken(token: NewToken): Promise<Token & { token: string }> {
    return this.#call("POST", "/tokens", token);
  }

  removeToken(id: number): Promise<void> {
    return this.#call("DELETE", `/tokens/${id}`);
  }

  createStream(stream: NewStream): Promise<Stream> {
    return this.#call("POST", "/streams", stream);
  }

  /** Refused if somebody else has changed it since it was as given. */
  updateStream({ id, version }: Stream, changes: StreamChanges): Promise<Stream> {
    return this.#call("PATCH", `/streams/${id}`, changes, { version });
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

  /** The places that many people push to. */
  async platforms(): Promise<Platform[]> {
    return (await this.#call<{ platforms: Platform[] }>("GET", "/platforms")).platforms;
  }

  /** Asks a platform which servers it has now. */
  fetchServers(platform: string): Promise<Platform> {
    return this.#call("POST", `/platforms/${platform}/servers`);
  }

  createTarget(streamId: number, target: NewTarget): Promise<Target> {
    return this.#call("POST", `/streams/${streamId}/targets`, target);
  }

  /** Refused if somebody else has changed it since it was as given. */
  updateTarget({ id, version }: Target, changes: TargetChanges): Promise<Target> {
    return this.#call("PATCH", `/targets/${id}`, changes, { version });
  }

  /** Another one with the same addresses and keys, switched off. */
  duplicateTarget(id: number): Promise<Target> {
    return this.#call("POST", `/targets/${id}/duplicate`, {});
  }

  /** Gives a stream's targets another order; all of them have to be named. */
  arrangeTargets(streamId: number, ids: number[]): Promise<unknown> {
    return this.#call("PUT", `/streams/${streamId}/targets/order`, { ids });
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

  /** Takes its key for good once more. */
  reuseKey(id: number): Promise<Target> {
    return this.#call("POST", `/targets/${id}/reuse-key`);
  }

  /** How it went with a target in the last minutes. */
  targetSamples(id: number, signal: AbortSignal): Promise<TargetSamples> {
    return this.#call("GET", `/targets/${id}/samples`, undefined, { signal });
  }

  /** What came in from a stream's encoders in the last minutes. */
  streamSamples(id: number, signal: AbortSignal): Promise<Samples> {
    return this.#call("GET", `/streams/${id}/samples`, undefined, { signal });
  }

  /** What happened to a target, newest first: the newest, or those before the event of a number. */
  async targetEvents(id: number, limit: number, before: number | null, signal: AbortSignal): Promise<TargetEvent[]> {
    const path = `/history?target=${id}&limit=${limit}${before === null ? "" : `&before=${before}`}`;
    const answer = await this.#call<{ events: TargetEvent[] }>("GET", path, undefined, { signal });
    return answer.events;
  }

  /** For calls that only one part of the page makes, which stand beside that part. */
  ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    return this.#call(method, path, body);
  }

  /** Whether an encoder of a stream, or any target, was live in the time that is remembered. */
  async wasLive(who: { stream: number } | "targets"): Promise<boolean> {
    const of = who === "targets" ? "of=targets" : `of=streams&stream=${who.stream}`;
    const { events } = await this.#call<{ events: unknown[] }>("GET", `/history?${of}&state=live&limit=1`);
    return events.length > 0;
  }

  /** Posts, and tells each line of the answer when it comes. */
  async lines(path: string, body: unknown, tell: (line: unknown) => void, signal: AbortSignal): Promise<void> {
    const response = await this.#send("POST", path, body, { signal, accept: "application/x-ndjson" });
    if (!response.ok) return read(response);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    const more = () => reader?.read().catch(() => Promise.reject(new Unreachable()));
    let rest = "";
    for (let part = await more(); part !== undefined && !part.done; part = await more()) {
      const lines = (rest + part.value).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) tell(readable(parse(line), response));
    }
  }

  async #call<T>(method: string, path: string, body?: unknown, how: How = {}): Promise<T> {
    return read<T>(await this.#send(method, path, body, how));
  }

  async #send(method: string, path: string, body: unknown, how: How): Promise<Response> {
    const headers: Record<string, string> = { Accept: how.accept ?? "application/json" };
    const init: RequestInit = { method, headers, cache: "no-store", signal: how.signal ?? AbortSignal.timeout(CALL_LIMIT_MS) };
    if (how.version !== undefined) headers["If-Match"] = `"${how.version}"`;
    if (body !== undefined) {
      headers["Content-Type"] = "application/json";
      init.body = JSON.stringify(body);
    }
    const response = await this.#fetch(`/api/v1${path}`, init).catch(() => {
      throw new Unreachable();
    });
    this.clock.told(response.headers.get("Date"), Date.now());
    return response;
  }
}

interface How {
  signal?: AbortSignal;
  version?: number;
  /** What the answer is to be, if not JSON. */
  accept?: string;
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
  if (!response.ok) throw problem(response, json);
  return (response.status === 204 ? json : readable(json, response)) as T;
}

/** What was parsed, if it could be. */
function readable(json: unknown, { status }: Response): unknown {
  if (json === undefined) throw new ApiError(status, "The server's answer cannot be read.", null);
  return json;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function problem({ status, headers }: Response, json: unknown): ApiError {
  const body = typeof json === "object" && json !== null ? (json as Record<string, unknown>) : {};
  const detail = [body.detail, body.title].find((text) => typeof text === "string" && text !== "");
  const field = typeof body.field === "string" ? body.field : null;
  const wait = /^\d{1,6}$/.exec(headers.get("Retry-After") ?? "");
  const text = (detail as string | undefined) ?? `The server answered with status ${status}.`;
  return new ApiError(status, text, field, wait === null ? null : Number(wait[0]));
}

const CALL_LIMIT_MS = 15_000;

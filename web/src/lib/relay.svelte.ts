// The page's one source of truth: what the server last said, and whether it still answers.
//
// The whole status is asked for once a second while the page is visible. A change made here asks
// again at once, and an answer that was under way before the change is thrown away.

import { createContext } from "svelte";

import { Api, ApiError, type Status } from "./api";
import { RateBoard } from "./rate";

/** `signed-out`: the server wants its API token. */
export type Link = "connecting" | "up" | "lost" | "signed-out";

export class Relay {
  status = $state.raw<Status | null>(null);
  link = $state<Link>("connecting");
  /** When the status was true: seconds since 1970 by the server's clock. */
  now = $state(0);
  /** A token was given and the server did not take it. */
  tokenRefused = $state(false);

  readonly #api = new Api();
  readonly #board = new RateBoard();
  #rates = $state.raw(this.#board.rates());
  #round = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Watches the server until the returned function is called. */
  watch(): () => void {
    this.#api.token = sessionStorage.getItem(TOKEN);
    const visibility = () => (document.hidden ? this.#pause() : void this.refresh());
    document.addEventListener("visibilitychange", visibility);
    visibility();
    return () => {
      document.removeEventListener("visibilitychange", visibility);
      this.#pause();
    };
  }

  /** Asks the server now, instead of at the next second. */
  async refresh(): Promise<void> {
    this.#pause();
    const round = new AbortController();
    this.#round = round;
    try {
      const status = await this.#api.status(AbortSignal.any([round.signal, AbortSignal.timeout(POLL_LIMIT_MS)]));
      if (!round.signal.aborted) this.#arrived(status);
    } catch (error) {
      if (!round.signal.aborted) this.#failed(error);
    }
    if (!round.signal.aborted && !document.hidden && this.link !== "signed-out") {
      this.#timer = setTimeout(() => void this.refresh(), POLL_EVERY_MS);
    }
  }

  /** Does something with the API and then shows what became of it. */
  async change<T>(work: (api: Api) => Promise<T>): Promise<T> {
    const result = await this.read(work);
    await this.refresh();
    return result;
  }

  /** Asks the API for something that changes nothing. */
  async read<T>(work: (api: Api) => Promise<T>): Promise<T> {
    try {
      return await work(this.#api);
    } catch (error) {
      if (isUnauthorized(error)) this.#failed(error);
      throw error;
    }
  }

  async signIn(token: string): Promise<void> {
    this.#api.token = token;
    sessionStorage.setItem(TOKEN, token);
    await this.refresh();
  }

  /** What an encoder sends, in bits per second. */
  sourceRate(streamId: number): number | null {
    return this.#rates.get(`source ${streamId}`) ?? null;
  }

  /** What a target is sent, in bits per second. */
  targetRate(targetId: number): number | null {
    return this.#rates.get(`target ${targetId}`) ?? null;
  }

  #arrived(status: Status): void {
    this.#board.measure(performance.now(), counters(status));
    this.#rates = this.#board.rates();
    this.now = this.#api.clock.seconds(Date.now());
    this.status = status;
    this.link = "up";
    this.tokenRefused = false;
  }

  #failed(error: unknown): void {
    if (!isUnauthorized(error)) {
      this.link = "lost";
      return;
    }
    this.#pause();
    this.tokenRefused = this.#api.token !== null;
    this.#api.token = null;
    sessionStorage.removeItem(TOKEN);
    this.status = null;
    this.link = "signed-out";
  }

  #pause(): void {
    clearTimeout(this.#timer);
    this.#round.abort();
  }
}

/** Gives the components below the caller their relay, and lets them reach it. */
export const [useRelay, provideRelay] = createContext<Relay>();

function* counters(status: Status): Generator<[string, number]> {
  for (const stream of status.streams) {
    yield [`source ${stream.id}`, stream.source.bytes_received];
    for (const target of stream.targets) yield [`target ${target.id}`, target.bytes_sent];
  }
}

function isUnauthorized(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401;
}

const TOKEN = "splitcast-api-token";
const POLL_EVERY_MS = 1_000;
const POLL_LIMIT_MS = 5_000;

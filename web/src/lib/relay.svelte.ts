// The page's one source of truth: what the server last said, and whether it still answers.
//
// The whole status is asked for once a second while the page is visible. A change made here asks
// again at once, and an answer that was under way before the change is thrown away.

import { createContext } from "svelte";

import { Api, ApiError, type Myself, type Status } from "./api";
import { RateBoard } from "./rate";

/** `refused`: the server knows nothing of this page's user, or does not want to be called as it was. */
export type Link = "connecting" | "up" | "lost" | "refused";

export class Relay {
  status = $state.raw<Status | null>(null);
  link = $state<Link>("connecting");
  /** When the status was true: seconds since 1970 by the server's clock. */
  now = $state(0);
  /** Who is logged in, or why nobody is; null until the server has said so. */
  myself = $state.raw<Myself | null>(null);
  /** Why the server does not want to be called as it was. */
  refusal = $state<string | null>(null);

  readonly #api = new Api();
  readonly #board = new RateBoard();
  #rates = $state.raw(this.#board.rates());
  #round = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Watches the server until the returned function is called. */
  watch(): () => void {
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
    if (!round.signal.aborted && !document.hidden && this.link !== "refused") {
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

  /** Makes the first owner. */
  async setUp(link: string, name: string, password: string): Promise<void> {
    this.myself = await this.#api.setUp(link, name, password);
    await this.refresh();
  }

  async logIn(name: string, password: string): Promise<void> {
    this.myself = await this.#api.logIn(name, password);
    await this.refresh();
  }

  async logOut(): Promise<void> {
    await this.#api.logOut();
    this.#pause();
    await this.#introduce();
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
    if (this.myself?.user == null) void this.#introduce();
  }

  #failed(error: unknown): void {
    if (error instanceof ApiError && error.status === MISDIRECTED) {
      this.refusal = error.message;
      this.link = "refused";
    } else if (isUnauthorized(error)) {
      this.#pause();
      void this.#introduce();
    } else {
      this.link = "lost";
    }
  }

  /** Asks who this page's user is. */
  async #introduce(): Promise<void> {
    try {
      this.myself = await this.#api.myself();
      if (this.myself.scope !== null) return;
      this.status = null;
      this.link = "refused";
    } catch {
      this.link = "lost";
      this.#timer = setTimeout(() => void this.refresh(), POLL_EVERY_MS);
    }
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

const MISDIRECTED = 421;
const POLL_EVERY_MS = 1_000;
const POLL_LIMIT_MS = 5_000;

// The page's one source of truth: what the server last said, and whether it still answers.
//
// While the page is visible the server tells by itself that something happened, and the whole status is
// asked for again; each second it tells the numbers. A change made here asks again at once, and an answer
// that was under way before the change is thrown away. Where nothing is told, it is asked for each second.

import { createContext, untrack } from "svelte";

import { reaches } from "./access";
import { Api, ApiError, type Myself, type Scope, type Status } from "./api";
import { follow } from "./follow";
import { lacksFacts, withStats, type Stats } from "./stats";

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
  /** Who was logged in when the server would not know them any more, though they had not logged out. */
  expired = $state<string | null>(null);

  readonly #api = new Api();
  #stopFollowing = () => {};
  #round = new AbortController();
  #isAsking = false;
  /** Something happened since the server was asked. */
  #isStale = false;
  #soon: ReturnType<typeof setTimeout> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;

  /** Watches the server until the returned function is called. */
  watch(): () => void {
    const visibility = () => (document.hidden ? this.#pause() : void this.#begin());
    document.addEventListener("visibilitychange", visibility);
    // An effect that watches would begin anew with whatever it was told.
    untrack(visibility);
    return () => {
      document.removeEventListener("visibilitychange", visibility);
      this.#pause();
    };
  }

  /** Asks the server for everything. */
  async refresh(): Promise<void> {
    this.#dropQuestion();
    const round = this.#round;
    this.#isAsking = true;
    try {
      const status = await this.#api.status(AbortSignal.any([round.signal, AbortSignal.timeout(ANSWER_LIMIT_MS)]));
      if (!round.signal.aborted) this.#arrived(status);
    } catch (error) {
      if (!round.signal.aborted) await this.#failed(error);
    }
    if (round.signal.aborted) return;
    this.#isAsking = false;
    if (this.#isStale) this.#askSoon();
  }

  /** Does something with the API and then shows what became of it. */
  async change<T>(work: (api: Api) => Promise<T>): Promise<T> {
    const result = await this.read(work);
    await this.refresh();
    return result;
  }

  /** Asks the API for something that changes nothing the page shows. */
  async read<T>(work: (api: Api) => Promise<T>): Promise<T> {
    try {
      return await work(this.#api);
    } catch (error) {
      if (isUnauthorized(error)) await this.#failed(error);
      // Somebody has given this page's user another role.
      if (error instanceof ApiError && error.status === FORBIDDEN) await this.introduce();
      throw error;
    }
  }

  /** How many seconds ago it was as the page shows it. */
  age(): number {
    return this.#api.clock.seconds(Date.now()) - this.now;
  }

  /** Looks at once whether a lost server is back. */
  async tryNow(): Promise<void> {
    await this.refresh();
    if (this.link === "up") await this.#begin();
  }

  /** Makes the first owner. */
  async setUp(link: string, name: string, password: string): Promise<void> {
    this.myself = await this.#api.setUp(link, name, password);
    await this.#begin();
  }

  async logIn(name: string, password: string): Promise<void> {
    this.myself = await this.#api.logIn(name, password);
    this.expired = null;
    await this.#begin();
  }

  async logOut(): Promise<void> {
    await this.#api.logOut();
    this.#pause();
    this.myself = null;
    await this.introduce();
  }

  /** Whether who is logged in reaches as far. */
  may(scope: Scope): boolean {
    return reaches(this.myself?.scope ?? null, scope);
  }

  /** Asks who this page's user is. */
  async introduce(): Promise<void> {
    try {
      const before = this.myself?.user ?? null;
      this.myself = await this.#api.myself();
      if (this.myself.scope !== null) return;
      this.expired ??= before?.name ?? null;
      this.#pause();
      this.status = null;
      this.link = "refused";
    } catch (error) {
      await this.#failed(error);
    }
  }

  async #begin(): Promise<void> {
    this.#pause();
    if ((this.myself?.scope ?? null) === null) await this.introduce();
    if (document.hidden) return;
    if (!this.may("read")) {
      if (this.link === "lost") this.#tryAgain();
      return;
    }
    this.#stopFollowing();
    this.#stopFollowing = follow({
      opened: () => void this.refresh(),
      changed: () => this.#askSoon(),
      told: (stats) => this.#told(stats),
      lost: () => void this.#unfollowed(),
    });
  }

  /** Nothing is told any more. The answer to a question says why: the server is gone, the session is over, or neither. */
  async #unfollowed(): Promise<void> {
    await this.refresh();
    if (!document.hidden && this.link !== "refused") this.#tryAgain();
  }

  #tryAgain(): void {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.#begin(), RETRY_MS);
  }

  /** Many things that happen at once are one question. */
  #askSoon(): void {
    this.#isStale = true;
    if (this.#isAsking) return;
    this.#soon ??= setTimeout(() => void this.refresh(), SOON_MS);
  }

  #arrived(status: Status): void {
    this.now = this.#api.clock.seconds(Date.now());
    this.status = status;
    this.link = "up";
  }

  #told(stats: Stats): void {
    const now = this.#api.clock.seconds(Date.now());
    if (this.status !== null) {
      const before = this.status;
      this.status = withStats(before, stats, now - this.now);
      if (lacksFacts(before, this.status)) this.#askSoon();
    }
    this.now = now;
  }

  async #failed(error: unknown): Promise<void> {
    if (error instanceof ApiError && error.status === MISDIRECTED) {
      this.refusal = error.message;
      this.link = "refused";
    } else if (isUnauthorized(error)) {
      await this.introduce();
    } else {
      this.link = "lost";
    }
  }

  #dropQuestion(): void {
    clearTimeout(this.#soon);
    this.#soon = undefined;
    this.#round.abort();
    this.#round = new AbortController();
    this.#isAsking = false;
    this.#isStale = false;
  }

  #pause(): void {
    clearTimeout(this.#retry);
    this.#stopFollowing();
    this.#dropQuestion();
  }
}

/** Gives the components below the caller their relay, and lets them reach it. */
export const [useRelay, provideRelay] = createContext<Relay>();

function isUnauthorized(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401;
}

const FORBIDDEN = 403;
const MISDIRECTED = 421;
const SOON_MS = 100;
const RETRY_MS = 1_000;
const ANSWER_LIMIT_MS = 5_000;

// A target's events as the server has them, asked for again when something happened.

import type { TargetEvent } from "./api";
import { sentence } from "./format";
import { merged, withNewest } from "./history";
import type { Relay } from "./relay.svelte";

export class TargetHistory {
  /** Newest first; null until they arrived. */
  events = $state.raw<TargetEvent[] | null>(null);
  /** There are older ones than those. */
  hasOlder = $state(false);
  isAsking = $state(false);
  failure = $state<string | null>(null);

  readonly #relay: Relay;
  readonly #target: number;
  readonly #over = new AbortController();
  #timers: ReturnType<typeof setTimeout>[] = [];

  constructor(relay: Relay, target: number) {
    this.#relay = relay;
    this.#target = target;
  }

  /** Asks for the newest; afterwards, something happened, which the server writes down within a moment. */
  refresh(): void {
    this.#timers.forEach(clearTimeout);
    const first = this.events === null ? 0 : WRITTEN_MS;
    this.#timers = [first, LATE_MS].map((wait) => setTimeout(() => void this.#ask(null), wait));
  }

  /** Asks for those before the oldest that are there. */
  async older(): Promise<void> {
    const oldest = this.events?.at(-1);
    if (oldest === undefined || this.isAsking) return;
    this.isAsking = true;
    await this.#ask(oldest.id);
    this.isAsking = false;
  }

  /** Asks each time that the page is looked at again, and no more once the returned function is called. */
  watch(): () => void {
    const look = () => {
      if (!document.hidden) this.refresh();
    };
    document.addEventListener("visibilitychange", look, { signal: this.#over.signal });
    return () => {
      this.#timers.forEach(clearTimeout);
      this.#over.abort();
    };
  }

  async #ask(before: number | null): Promise<void> {
    const over = this.#over.signal;
    const signal = AbortSignal.any([over, AbortSignal.timeout(ASK_LIMIT_MS)]);
    try {
      const events = await this.#relay.read((api) => api.targetEvents(this.#target, PAGE, before, signal));
      if (over.aborted) return;
      if (before === null) this.#tellNewest(events);
      else this.#tellOlder(events, before);
      this.failure = null;
    } catch (error) {
      if (!over.aborted) this.failure = sentence(error instanceof Error ? error.message : String(error));
    }
  }

  #tellNewest(newest: TargetEvent[]): void {
    const isFull = newest.length === PAGE;
    this.events = withNewest(this.events ?? [], newest, isFull);
    // Of what is older nothing is known any more.
    if (this.events.length === newest.length) this.hasOlder = isFull;
  }

  #tellOlder(older: TargetEvent[], before: number): void {
    // What they were asked for to follow may be gone.
    if (!this.events?.some(({ id }) => id === before)) return;
    this.events = merged(this.events, older);
    this.hasOlder = older.length === PAGE;
  }
}

const PAGE = 100;
const WRITTEN_MS = 400;
const LATE_MS = 1_500;
const ASK_LIMIT_MS = 5_000;

// A target's events as the server has them, asked for again and again while somebody looks.

import type { TargetEvent } from "./api";
import { sentence } from "./format";
import type { Relay } from "./relay.svelte";

export class TargetHistory {
  /** Null until they arrived. */
  events = $state.raw<TargetEvent[] | null>(null);
  failure = $state<string | null>(null);

  readonly #relay: Relay;
  readonly #target: number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(relay: Relay, target: number) {
    this.#relay = relay;
    this.#target = target;
  }

  /** Asks until the returned function is called. */
  watch(): () => void {
    const over = new AbortController();
    void this.#refresh(over.signal);
    return () => {
      clearTimeout(this.#timer);
      over.abort();
    };
  }

  async #refresh(over: AbortSignal): Promise<void> {
    if (!document.hidden) await this.#ask(over);
    if (!over.aborted) this.#timer = setTimeout(() => void this.#refresh(over), ASK_EVERY_MS);
  }

  async #ask(over: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([over, AbortSignal.timeout(ASK_LIMIT_MS)]);
    try {
      const events = await this.#relay.read((api) => api.targetEvents(this.#target, EVENTS, signal));
      if (over.aborted) return;
      this.events = events;
      this.failure = null;
    } catch (error) {
      if (!over.aborted) this.failure = sentence(error instanceof Error ? error.message : String(error));
    }
  }
}

const EVENTS = 200;
const ASK_EVERY_MS = 2_000;
const ASK_LIMIT_MS = 5_000;

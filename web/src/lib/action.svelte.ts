// What a button outside of a dialog orders: once at a time, with what became of it.

import type { Api } from "./api";
import { sentence } from "./format";
import type { Relay } from "./relay.svelte";

export class Action {
  busy = $state(false);
  failure = $state<string | null>(null);

  readonly #relay: Relay;

  constructor(relay: Relay) {
    this.#relay = relay;
  }

  async run(work: (api: Api) => Promise<unknown>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.failure = null;
    try {
      await this.#relay.change(work);
    } catch (error) {
      this.failure = sentence(error instanceof Error ? error.message : String(error));
    }
    this.busy = false;
  }
}

// A list that the server keeps, as a dialog shows it.

import type { Api } from "./api";
import { sentence } from "./format";
import type { Relay } from "./relay.svelte";

export class Listing<Item> {
  /** Null until they arrived. */
  items = $state.raw<Item[] | null>(null);
  failure = $state<string | null>(null);

  readonly #relay: Relay;
  readonly #ask: (api: Api) => Promise<Item[]>;

  constructor(relay: Relay, ask: (api: Api) => Promise<Item[]>) {
    this.#relay = relay;
    this.#ask = ask;
  }

  async load(): Promise<void> {
    try {
      this.items = await this.#relay.read(this.#ask);
      this.failure = null;
    } catch (error) {
      this.failure = sentence(error instanceof Error ? error.message : String(error));
    }
  }

  /** Does something with the API and then shows the list as it is. */
  async change<T>(work: (api: Api) => Promise<T>): Promise<T> {
    const result = await this.#relay.read(work);
    await this.load();
    return result;
  }
}

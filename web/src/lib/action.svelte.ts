// What a button outside of a dialog orders of the relay.

import type { Api } from "./api";
import { Attempt } from "./attempt.svelte";
import type { Relay } from "./relay.svelte";

export class Action {
  readonly #attempt = new Attempt();
  readonly #relay: Relay;

  constructor(relay: Relay) {
    this.#relay = relay;
  }

  get busy(): boolean {
    return this.#attempt.busy;
  }

  get failure(): string | null {
    return this.#attempt.failure;
  }

  run(work: (api: Api) => Promise<unknown>): Promise<void> {
    return this.#attempt.run(() => this.#relay.change(work));
  }
}

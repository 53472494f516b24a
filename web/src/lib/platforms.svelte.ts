// The list of platforms, asked for once while the page is open.

import type { Platform } from "./platforms";
import type { Relay } from "./relay.svelte";

let told: Platform[] | null = null;

export class KnownPlatforms {
  all = $state.raw<Platform[]>(told ?? []);
  failed = $state(false);

  readonly #relay: Relay;

  constructor(relay: Relay) {
    this.#relay = relay;
    if (told === null) void this.ask();
  }

  /** Asks a platform which servers it has now. */
  async askServers(id: string): Promise<void> {
    const asked = await this.#relay.read((api) => api.fetchServers(id));
    told = this.all.map((known) => (known.id === asked.id ? asked : known));
    this.all = told;
  }

  async ask(): Promise<void> {
    this.failed = false;
    try {
      told = await this.#relay.read((api) => api.platforms());
      this.all = told;
    } catch {
      this.failed = true;
    }
  }
}

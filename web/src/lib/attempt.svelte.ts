// What a button orders: once at a time, with why it failed.

import { sentence } from "./format";

export class Attempt {
  busy = $state(false);
  failure = $state<string | null>(null);

  async run(work: () => Promise<unknown>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.failure = null;
    try {
      await work();
    } catch (error) {
      this.failure = sentence(error instanceof Error ? error.message : String(error));
    }
    this.busy = false;
  }
}

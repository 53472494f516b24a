// Forms that were changed and not sent: whoever would leave them is asked first.

import { route } from "./route.svelte";

class Unsaved {
  /** Where somebody wants to go who would lose something; null if nobody does. */
  asked = $state<string | null>(null);

  readonly #forms = new Set<() => boolean>();

  get any(): boolean {
    return [...this.#forms].some((isChanged) => isChanged());
  }

  /** Keeps a form that says whether it was changed, until the returned function is called. */
  keep(isChanged: () => boolean): () => void {
    this.#forms.add(isChanged);
    return () => this.#forms.delete(isChanged);
  }

  /** Asks before anything is lost, until the returned function is called. */
  guard(): () => void {
    const closing = (event: BeforeUnloadEvent) => {
      if (this.any) event.preventDefault();
    };
    window.addEventListener("beforeunload", closing);
    route.guard = (to) => {
      if (!this.any) return true;
      this.asked = to;
      return false;
    };
    return () => {
      window.removeEventListener("beforeunload", closing);
      route.guard = null;
      this.asked = null;
    };
  }

  /** They go all the same. */
  leave(): void {
    const to = this.asked;
    this.asked = null;
    this.#forms.clear();
    if (to !== null) location.hash = to;
  }
}

export const unsaved = new Unsaved();

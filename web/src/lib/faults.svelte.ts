// What the server has against a form in a dialog, by field.

import { errorAt } from "./api";
import { sentence } from "./format";

export class Faults<Field extends string> {
  #fault = $state.raw<{ field: Field | null; text: string } | null>(null);

  readonly #fields: readonly Field[];

  /** `fields` as the API calls them. */
  constructor(fields: readonly Field[]) {
    this.#fields = fields;
  }

  /** Which field is to blame, if one is. */
  get field(): Field | null {
    return this.#fault?.field ?? null;
  }

  /** What is wrong with a field; with null, what belongs to none. */
  at(field: Field | null): string | null {
    return this.#fault !== null && this.#fault.field === field ? sentence(this.#fault.text) : null;
  }

  clear(): void {
    this.#fault = null;
  }

  readonly take = (thrown: unknown): void => {
    this.#fault = errorAt(thrown, this.#fields);
  };
}

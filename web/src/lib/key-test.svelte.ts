// A test that goes on: its steps as they are over, and how it ended.

import { ApiError } from "./api";
import { sentence } from "./format";
import type { TestQuestion, TestReport, TestStep } from "./key-test";
import { t } from "./language.svelte";
import type { Relay } from "./relay.svelte";

export class KeyTest {
  steps = $state.raw<readonly TestStep[]>([]);
  report = $state.raw<TestReport | null>(null);
  /** Why there is no report: in the server's words, or in the page's. */
  failure = $state.raw<{ text: string; lang: "en" | null } | null>(null);
  #running = $state.raw<AbortController | null>(null);
  /** When the last one has let go of its connection. */
  #over: Promise<unknown> = Promise.resolve();
  readonly #relay: Relay;

  constructor(relay: Relay) {
    this.#relay = relay;
  }

  get running(): boolean {
    return this.#running !== null;
  }

  /** Begins anew. What the server has against a field of the question is thrown. */
  run(question: TestQuestion): Promise<void> {
    this.forget();
    const own = (this.#running = new AbortController());
    const work = this.#ask(question, own);
    this.#over = work.catch(() => {});
    return work;
  }

  /** Ends it. */
  stop(): void {
    if (this.#running === null) return;
    this.#running.abort();
    this.#running = null;
    if (this.report === null && this.steps.length > 0) this.failure = brokenOff();
  }

  /** Ends it, and waits until it is over. */
  async end(): Promise<void> {
    this.stop();
    await this.#over;
  }

  /** Ends it, and forgets what it found. */
  forget(): void {
    this.stop();
    this.steps = [];
    this.report = null;
    this.failure = null;
  }

  async #ask(question: TestQuestion, own: AbortController): Promise<void> {
    const isOn = () => this.#running === own;
    const tell = (line: unknown) => isOn() && this.#told(line as { step?: TestStep; result?: TestReport });
    try {
      await this.#relay.read((api) => api.lines(question.path, question.body, tell, own.signal));
      if (isOn() && this.report === null) this.failure = brokenOff();
    } catch (error) {
      if (!isOn()) return;
      if (error instanceof ApiError && error.field !== null) throw error;
      this.failure = { text: sentence(error instanceof Error ? error.message : String(error)), lang: "en" };
    } finally {
      if (isOn()) this.#running = null;
    }
  }

  #told(line: { step?: TestStep; result?: TestReport }): void {
    if (line.step !== undefined) this.steps = [...this.steps, line.step];
    if (line.result !== undefined) this.report = line.result;
  }
}

const brokenOff = () => ({ text: t("form:test.brokenOff"), lang: null });

// A test of an address and its key, as the API tells it.

import type { en } from "../locales/en";

export type TestStepName = keyof (typeof en)["form"]["test"]["step"];
export type TestOutcome = keyof (typeof en)["form"]["test"]["outcome"];

export interface TestStep {
  step: TestStepName;
  seconds: number;
  passed: boolean;
  words: string;
}

export interface TestReport {
  outcome: TestOutcome;
  /** How it ended; what a failed step says begins with it. */
  sentence: string;
  caveats: string[];
  steps: TestStep[];
}

/** What is tested: with `target_id`, what is left out is as it is saved. */
export interface AddressTest {
  url?: string;
  key?: string;
  user?: string | null;
  password?: string;
  target_id?: number;
}

/** A question to the API. */
export interface TestQuestion {
  path: string;
  body: AddressTest;
}

const STEPS: readonly TestStepName[] = ["dns", "tcp", "tls", "handshake", "connect", "create_stream", "publish", "listen"];

/** The step that is under way after those that are over. */
export function pendingStep(over: readonly TestStep[], url: string): TestStepName | null {
  const isSecure = /^\s*rtmps:/i.test(url);
  const last = over.at(-1);
  const rest = STEPS.slice(last === undefined ? 0 : STEPS.indexOf(last.step) + 1);
  return rest.find((step) => step !== "tls" || isSecure) ?? null;
}

/** What a step says besides what is said of the whole. */
export function ownWords(step: TestStep, report: TestReport | null): string {
  const said = report?.sentence ?? "";
  return !step.passed && said !== "" && step.words.startsWith(said) ? step.words.slice(said.length).trim() : step.words;
}

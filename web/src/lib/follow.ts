// What the server tells by itself: that something happened, and each second how it goes.

import type { Stats } from "./stats";

export interface Follower {
  /** From here on nothing is missed, so whatever happened before has to be asked for. */
  opened(): void;
  /** Something happened or was changed. */
  changed(): void;
  told(stats: Stats): void;
  /** Nothing comes any more. */
  lost(): void;
}

/** Follows until the returned function is called, or it is lost. */
export function follow(follower: Follower, open = (path: string) => new EventSource(path)): () => void {
  const source = open("/api/v1/events");
  let silence: ReturnType<typeof setTimeout> | undefined;
  const stop = () => {
    clearTimeout(silence);
    source.close();
  };
  // The browser would try again by itself, but without saying why it failed.
  const lose = () => {
    stop();
    follower.lost();
  };
  // A connection whose other end is gone stays open for long; the server speaks once a second.
  const alive = () => {
    clearTimeout(silence);
    silence = setTimeout(lose, SILENCE_MS);
  };
  const on = (name: string, react: (event: MessageEvent<string>) => void) => {
    source.addEventListener(name, (event) => {
      alive();
      react(event as MessageEvent<string>);
    });
  };
  alive();
  on("open", () => follower.opened());
  for (const name of ["state", "edit", "resync"]) on(name, () => follower.changed());
  on("stats", (event) => follower.told(JSON.parse(event.data) as Stats));
  source.addEventListener("error", lose);
  return stop;
}

const SILENCE_MS = 6_000;

// The server's time of day. Moments that the API gives are the server's, and the clock of a phone or a
// laptop may be minutes away from it.

export class ServerClock {
  #aheadMs: number | null = null;

  /** Takes the Date of an answer that arrived at `now`, the page's time in milliseconds since 1970. */
  told(date: string | null, now: number): void {
    const server = Date.parse(date ?? "");
    if (Number.isNaN(server)) return;
    // The header has whole seconds, cut off.
    const aheadMs = server + 500 - now;
    // Within that error the first estimate is kept, or what counts down would stumble.
    if (this.#aheadMs === null || Math.abs(aheadMs - this.#aheadMs) > TOLERANCE_MS) this.#aheadMs = aheadMs;
  }

  /** Seconds since 1970 at the server when it is `now` here, in milliseconds since 1970. */
  seconds(now: number): number {
    return (now + (this.#aheadMs ?? 0)) / 1000;
  }
}

const TOLERANCE_MS = 1_500;

// How it goes with a target's connections, as its drawer draws it.

import type { Run, Samples, SentSamples, Stream, Target } from "./api";
import type { Relay } from "./relay.svelte";
import { Track } from "./samples";

/** What goes out over a connection. */
class Sent {
  readonly rate = new Track();
  readonly lag = new Track(Math.max);

  load(samples: SentSamples | null): void {
    this.rate.load(samples?.at ?? 0, samples?.bits_per_second ?? []);
    this.lag.load(samples?.at ?? 0, samples?.lag_ms ?? []);
  }

  note(run: Run, now: number): void {
    // The first pictures go out at once, which is no rate.
    const isFed = run.connected_since !== null && now - run.connected_since >= 1;
    if (!isFed || (run.state !== "live" && run.state !== "holding")) return;
    this.rate.note(now, run.bits_per_second);
    this.lag.note(now, run.lag_ms);
  }
}

export class TargetSamples {
  readonly first = new Sent();
  readonly second = new Sent();
  readonly received = new Track();
  /** Grows with all that is new. */
  version = $state(0);

  readonly #relay: Relay;
  readonly #ids: { target: number; stream: number };

  constructor(relay: Relay, ids: { target: number; stream: number }) {
    this.#relay = relay;
    this.#ids = ids;
  }

  /** Asks what the relay remembers, each time that the page is looked at again, until the returned function is called. */
  watch(): () => void {
    const over = new AbortController();
    // A hidden page is told nothing.
    const look = () => {
      if (!document.hidden) void this.#load(over.signal);
    };
    document.addEventListener("visibilitychange", look, { signal: over.signal });
    look();
    return () => over.abort();
  }

  /** Takes note of how it is now. */
  note(stream: Stream, target: Target, now: number): void {
    this.first.note(target, now);
    if (target.backup !== null) this.second.note(target.backup, now);
    if (stream.source.state === "live") this.received.note(now, stream.source.bits_per_second);
    this.version += 1;
  }

  async #load(signal: AbortSignal): Promise<void> {
    try {
      const [sent, received] = await this.#relay.read((api) =>
        Promise.all([api.targetSamples(this.#ids.target, signal), api.streamSamples(this.#ids.stream, signal)]),
      );
      if (!signal.aborted) this.#loaded(sent, sent.backup, received);
    } catch {
      // What is told each second draws the lines all the same.
    }
  }

  #loaded(first: SentSamples, second: SentSamples | null, received: Samples): void {
    this.first.load(first);
    this.second.load(second);
    this.received.load(received.at, received.bits_per_second);
    this.version += 1;
  }
}

// Byte counters that are looked at now and then, turned into rates over the last seconds.

/** A meter for each counter of the last measurement; the others are forgotten. */
export class RateBoard {
  #meters: ReadonlyMap<string, RateMeter> = new Map();

  /** Takes all counters at a time in milliseconds. */
  measure(at: number, counters: Iterable<[name: string, bytes: number]>): void {
    const meters = new Map<string, RateMeter>();
    for (const [name, bytes] of counters) {
      const meter = this.#meters.get(name) ?? new RateMeter();
      meter.sample(at, bytes);
      meters.set(name, meter);
    }
    this.#meters = meters;
  }

  /** Bits per second of each counter. */
  rates(): ReadonlyMap<string, number | null> {
    return new Map([...this.#meters].map(([name, meter]) => [name, meter.bitsPerSecond]));
  }
}

export class RateMeter {
  #samples: { at: number; bytes: number }[] = [];

  /** Takes the counter's value at a time in milliseconds. A counter that went back starts anew. */
  sample(at: number, bytes: number): void {
    const last = this.#samples.at(-1);
    if (last !== undefined && bytes < last.bytes) this.#samples = [];
    this.#samples.push({ at, bytes });
    this.#samples = this.#samples.filter((sample) => at - sample.at <= SPAN_MS);
  }

  /** Bits per second, or null until two samples are there. */
  get bitsPerSecond(): number | null {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.at <= first.at) return null;
    return ((last.bytes - first.bytes) * 8000) / (last.at - first.at);
  }
}

// Long enough to even out key frames, which most encoders send every two seconds.
const SPAN_MS = 5_000;

// Fetches the preview for the player, whose own fetching lets go of a connection only when the next bytes
// come: they may never.

import type Mpegts from "mpegts.js";

type Library = typeof Mpegts;

/** A loader for `createPlayer`; `refused` is told the status of an answer that brings no preview. */
export function loaderFor(library: Library, refused: (status: number) => void): Mpegts.CustomLoaderConstructor {
  const { BaseLoader, LoaderErrors, LoaderStatus } = library;
  return class extends BaseLoader {
    readonly #leave = new AbortController();

    constructor() {
      super("splitcast");
    }

    override destroy(): void {
      this.abort();
      super.destroy();
    }

    override abort(): void {
      this.#leave.abort();
    }

    override open({ url }: Mpegts.MediaSegment, { from }: Mpegts.Range): void {
      this._status = LoaderStatus.kConnecting;
      this.#read(url, from).then(
        (count) => {
          if (this.#leave.signal.aborted) return;
          this._status = LoaderStatus.kComplete;
          this.onComplete(from, from + count - 1);
        },
        (error: unknown) => {
          if (this.#leave.signal.aborted) return;
          this._status = LoaderStatus.kError;
          this.onError(LoaderErrors.EXCEPTION as unknown as Mpegts.LoaderErrors, { code: -1, msg: String(error) });
        },
      );
    }

    /** Reads to the end; how many bytes there were. */
    async #read(url: string, from: number): Promise<number> {
      const { signal } = this.#leave;
      const answer = await fetch(url, { signal, cache: "no-store" });
      if (!answer.ok) refused(answer.status);
      if (!answer.ok || answer.body === null) throw new Error(`the answer has status ${answer.status}`);
      const reader = answer.body.getReader();
      let count = 0;
      for (;;) {
        const { done, value } = await reader.read();
        if (done || signal.aborted) return count;
        const { buffer, byteOffset, byteLength } = value;
        this._status = LoaderStatus.kBuffering;
        count += byteLength;
        this.onDataArrival(buffer.slice(byteOffset, byteOffset + byteLength), from + count - byteLength, count);
      }
    }
  };
}

// A line to the relay on which previews can be made to stand still, and nothing else.

import { once } from "node:events";
import { connect, createServer } from "node:net";

export class Line {
  /** The relay's ends of the connections on which previews were asked for, with the page's. */
  previews = new Map();
  #ends = new Set();

  static async to(relay) {
    const line = new Line();
    line.server = createServer((near) => line.#join(near, connect(relay.httpPort, "127.0.0.1")));
    line.server.listen(0, "127.0.0.1");
    await once(line.server, "listening");
    line.url = `http://localhost:${line.server.address().port}`;
    return line;
  }

  #join(near, far) {
    near.on("data", (bytes) => {
      if (bytes.includes("/preview.flv")) this.previews.set(far, near);
    });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ]) {
      this.#ends.add(from);
      from.pipe(to);
      from.on("error", () => to.destroy());
    }
  }

  /** Nothing is read of previews any more. */
  hold() {
    for (const [far, near] of this.previews) {
      far.unpipe(near);
      far.pause();
    }
  }

  release() {
    for (const [far, near] of this.previews) far.pipe(near);
  }

  close() {
    for (const end of this.#ends) end.destroy();
    this.server.close();
  }
}

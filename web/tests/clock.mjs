// An encoder that draws the time of day into each picture, and what reads it back from a page.
//
// The time stands in the picture's upper left corner as a row of squares, black and white: a number in binary, the
// lowest digit first, of so many steps since 1970. ffmpeg draws it from the system's own clock, in the moment in which
// it makes the picture; what its encoding takes is part of what is measured.

import { spawn } from "node:child_process";
import { once } from "node:events";

const STEP_MS = 20;
const DIGITS = 14;
const SQUARE = 20;
const ROUND_MS = STEP_MS * 2 ** DIGITS;

/** Pictures of a clock and a tone, published until it is stopped. */
export class ClockEncoder {
  constructor(relay, key, { size = "640x360", keyFrameEvery = 50, rich = false, more = [] } = {}) {
    const url = `rtmp://127.0.0.1:${relay.rtmpPort}/live/${key}`;
    const picture = ["-re", "-f", "lavfi", "-i", `testsrc=size=${size}:rate=25`];
    const tone = ["-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100"];
    const codecs = ["-vf", clock(rich), "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"];
    const options = [...codecs, "-g", keyFrameEvery, "-sc_threshold", "0", ...more, "-f", "flv", url];
    const all = ["-hide_banner", "-loglevel", "error", "-nostdin", ...picture, ...tone, ...options.map(String)];
    this.process = spawn("ffmpeg", all, { stdio: "ignore" });
    this.ended = once(this.process, "close");
  }

  async stop() {
    this.process.kill("SIGKILL");
    await this.ended;
  }
}

/** What a `rich` picture has besides, no codec can make small. */
function clock(rich) {
  const box = (x, width, rest) => `drawbox=x=${x}:y=0:w=${width}:h=${SQUARE}:t=fill:${rest}`;
  const digit = (place) => `mod(floor(time(0)*${1000 / STEP_MS}/${2 ** place}),2)`;
  const squares = Array.from({ length: DIGITS }, (_, place) => box(place * SQUARE, SQUARE, `color=white:enable='${digit(place)}'`));
  return [...(rich ? ["noise=alls=50:allf=t"] : []), box(0, DIGITS * SQUARE, "color=black"), ...squares].join(",");
}

/** How many milliseconds ago the picture was made that the page's video shows, and when by the page's clock; null while it shows none. */
export function age(page) {
  return page.evaluate(
    ([digits, square, step, round]) => {
      const video = document.querySelector("video");
      if (video === null || video.readyState < 2 || video.videoWidth === 0) return null;
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [digits * square, square];
      const context = canvas.getContext("2d", { willReadFrequently: true });
      context.drawImage(video, 0, 0);
      const at = Date.now();
      let steps = 0;
      for (let place = 0; place < digits; place += 1) {
        const [red] = context.getImageData(place * square + square / 2, square / 2, 1, 1).data;
        if (red > 64 && red < 192) return null;
        if (red >= 192) steps += 2 ** place;
      }
      return { shown: steps * step, age: (((at - steps * step) % round) + round) % round };
    },
    [DIGITS, SQUARE, STEP_MS, ROUND_MS],
  );
}

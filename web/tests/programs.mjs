// The programs the page is tried with: the real binary and an encoder.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const BINARY = process.env.SPLITCAST_BIN ?? fileURLToPath(new URL("../../target/debug/splitcast", import.meta.url));

/** A splitcast with a data folder of its own, which may be stopped and started again. */
export class Relay {
  /** With `more` flags, each with its value. */
  static async start(more = {}) {
    const relay = new Relay();
    relay.more = more;
    relay.folder = await mkdtemp(join(tmpdir(), "splitcast-page-"));
    relay.rtmpPort = await freePort();
    relay.httpPort = await freePort();
    relay.url = `http://localhost:${relay.httpPort}`;
    relay.output = "";
    await relay.launch();
    return relay;
  }

  async launch() {
    const flags = {
      "--data-dir": this.folder,
      "--rtmp": `127.0.0.1:${this.rtmpPort}`,
      "--http": `127.0.0.1:${this.httpPort}`,
      "--allow-targets": "127.0.0.0/8",
      ...this.more,
    };
    this.process = spawn(BINARY, Object.entries(flags).flat(), { env: { ...process.env, SPLITCAST_API_TOKEN: TOKEN } });
    this.ended = new Promise((resolve) => this.process.once("close", resolve));
    this.process.on("error", (error) => (this.output += error.message));
    for (const stream of [this.process.stdout, this.process.stderr]) stream.on("data", (text) => (this.output += text));
    await this.healthy();
  }

  async healthy() {
    for (let tries = 0; tries < 200; tries += 1) {
      const answer = await fetch(`http://127.0.0.1:${this.httpPort}/healthz`).catch(() => null);
      if (answer?.ok) return;
      if (this.process.exitCode !== null) break;
      await pause(50);
    }
    throw new Error(`${BINARY} did not come up:\n${this.output}`);
  }

  /** Calls the API as a program would, to prepare or to check what the page did. */
  async api(method, path, body) {
    const headers = { Authorization: `Bearer ${TOKEN}`, ...(body === undefined ? {} : { "Content-Type": "application/json" }) };
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const answer = await fetch(`http://127.0.0.1:${this.httpPort}/api/v1${path}`, init);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === "" ? null : JSON.parse(text);
  }

  /** The link that it printed for its first owner. */
  setUpLink() {
    return /http:\S+#setup=\w+/.exec(this.output)[0];
  }

  /** The cookie of its owner's session; the first call makes the owner. */
  async cookie() {
    this.session ??= await this.setUp();
    return this.session;
  }

  setUp() {
    return this.enter("/setup", { link: this.setUpLink().split("=")[1], ...OWNER });
  }

  /** The cookie of a new session. */
  logIn({ name, password }) {
    return this.enter("/session", { name, password });
  }

  async enter(path, body, headers = {}) {
    const answer = await fetch(`${this.url}/api/v1${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    const [pair] = answer.headers.get("set-cookie").split(";");
    const [name, value] = pair.split("=");
    return { name, value, url: this.url };
  }

  async firstStream() {
    const { streams } = await this.api("GET", "/streams");
    return streams[0];
  }

  async key() {
    const { id } = await this.firstStream();
    return (await this.api("GET", `/streams/${id}/key`)).key;
  }

  async stop() {
    this.process.kill("SIGTERM");
    return this.ended;
  }

  async remove() {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** The flags with which a relay takes encoders over RTMPS under these names, and `remove` for their files. */
export async function certified(names) {
  const folder = await mkdtemp(join(tmpdir(), "splitcast-papers-"));
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const about = ["-subj", "/CN=encoders", "-addext", `subjectAltName=${names.map((name) => `DNS:${name}`).join(",")}`];
  const made = spawn("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, ...about]);
  const [code] = await once(made, "close");
  if (code !== 0) throw new Error(`openssl ended with ${code}`);
  return {
    flags: { "--tls-cert": cert, "--tls-key": key, "--tls-for": "rtmps" },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Whoever owns the relay. */
export const OWNER = { name: "Ada", password: "correct horse" };

/** What it lets programs do everything with. */
const TOKEN = "token-of-the-tests";

/** A test picture and a tone, published until it is stopped, with more of ffmpeg's options. */
export class Encoder {
  constructor(relay, key, options = []) {
    const url = `rtmp://127.0.0.1:${relay.rtmpPort}/live/${key}`;
    const picture = ["-re", "-f", "lavfi", "-i", "testsrc=size=320x180:rate=25"];
    const tone = ["-f", "lavfi", "-i", "sine=frequency=440"];
    const codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25", "-c:a", "aac"];
    const all = ["-hide_banner", "-loglevel", "error", "-nostdin", ...picture, ...tone, ...codecs, ...options, "-f", "flv", url];
    this.process = spawn("ffmpeg", all, { stdio: "ignore" });
    this.ended = once(this.process, "close");
  }

  async stop() {
    this.process.kill("SIGKILL");
    await this.ended;
  }
}

/** A port on which, most likely, nobody listens. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

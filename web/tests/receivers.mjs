// What targets meet at the far end: a server nobody here wrote, one that never answers, and a rude one.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { freePort } from "./programs.mjs";

/** nginx with its RTMP module, which takes whatever is published. */
export class Nginx {
  static async start() {
    const nginx = new Nginx();
    nginx.folder = await mkdtemp(join(tmpdir(), "splitcast-nginx-"));
    nginx.port = await freePort();
    nginx.url = `rtmp://127.0.0.1:${nginx.port}/live`;
    const file = join(nginx.folder, "nginx.conf");
    await writeFile(file, configuration(nginx.port));
    const flags = ["-p", nginx.folder, "-c", file, "-e", "stderr"];
    nginx.process = spawn(NGINX, flags, { stdio: ["ignore", "ignore", "pipe"] });
    nginx.output = "";
    nginx.ended = new Promise((resolve) => nginx.process.once("close", resolve));
    nginx.process.on("error", (error) => (nginx.output += error.message));
    nginx.process.stderr.on("data", (text) => (nginx.output += text));
    await nginx.listening();
    return nginx;
  }

  async listening() {
    for (let tries = 0; tries < 200; tries += 1) {
      if (await answers(this.port)) return;
      if (this.process.exitCode !== null) break;
      await pause(50);
    }
    throw new Error(`${NGINX} did not come up (it needs libnginx-mod-rtmp):\n${this.output}`);
  }

  async remove() {
    this.process.kill("SIGTERM");
    await this.ended;
    await rm(this.folder, { recursive: true, force: true });
  }
}

function configuration(port) {
  return `
    load_module ${MODULE};
    daemon off;
    master_process off;
    pid nginx.pid;
    events {}
    rtmp {
      server {
        listen 127.0.0.1:${port};
        application live { live on; }
      }
    }`;
}

async function answers(port) {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** A server for webhooks, which keeps what it is posted and answers with `status`. */
export class HookReceiver {
  status = 204;
  received = [];

  static async start() {
    const receiver = new HookReceiver();
    receiver.server = createHttpServer((request, response) => receiver.take(request, response)).listen(0, "127.0.0.1");
    await once(receiver.server, "listening");
    receiver.url = `http://127.0.0.1:${receiver.server.address().port}`;
    return receiver;
  }

  async take(request, response) {
    let text = "";
    for await (const part of request) text += part;
    this.received.push({ headers: request.headers, body: JSON.parse(text) });
    response.writeHead(this.status).end();
  }

  close() {
    this.server.closeAllConnections();
    this.server.close();
  }
}

/** Takes connections and says nothing. */
export function silentTarget() {
  return listen((socket) => socket.resume());
}

/**
 * Greets as an RTMP server does, and refuses what it is then asked for in words of the caller's choice.
 * After so many times it says nothing any more.
 */
export function refusingTarget(description, times = Infinity) {
  let met = 0;
  return listen((socket) => {
    met += 1;
    if (met > times) return socket.resume();
    let received = 0;
    socket.write(Buffer.concat([Buffer.of(3), Buffer.alloc(2 * HANDSHAKE)]));
    socket.on("data", (bytes) => {
      const greeted = received > GREETING;
      received += bytes.length;
      if (!greeted && received > GREETING) socket.end(refusal(description));
    });
  });
}

/** The answer to "connect" as one message of AMF0: `_error`, and why. */
function refusal(description) {
  const fields = { level: "error", code: "NetConnection.Connect.Rejected", description };
  const entries = Object.entries(fields).flatMap(([name, text]) => [counted(name), Buffer.of(2), counted(text)]);
  const number = Buffer.from([0, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0]);
  const nothing = Buffer.of(5);
  const object = [Buffer.of(3), ...entries, Buffer.of(0, 0, 9)];
  return message(Buffer.concat([Buffer.of(2), counted("_error"), number, nothing, ...object]));
}

function counted(text) {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length & 0xff), bytes]);
}

/** A command in chunks of 128 bytes on chunk stream 3. */
function message(body) {
  const pieces = [Buffer.from([3, 0, 0, 0, 0, body.length >> 8, body.length & 0xff, 20, 0, 0, 0, 0])];
  for (let at = 0; at < body.length; at += 128) {
    if (at > 0) pieces.push(Buffer.of(0xc3));
    pieces.push(body.subarray(at, at + 128));
  }
  return Buffer.concat(pieces);
}

async function listen(meet) {
  const sockets = new Set();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    meet(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { url: `rtmp://127.0.0.1:${server.address().port}/live`, close };
}

const NGINX = process.env.NGINX ?? "/usr/sbin/nginx";
const MODULE = process.env.NGINX_RTMP_MODULE ?? "/usr/lib/nginx/modules/ngx_rtmp_module.so";
const HANDSHAKE = 1536;
const GREETING = 1 + 2 * HANDSHAKE;

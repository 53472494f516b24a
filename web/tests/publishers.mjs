// An encoder of a stranger's making, which says of itself what it likes.

import { once } from "node:events";
import { connect } from "node:net";

/** Publishes nothing but its metadata, and a picture when it is told to, with the encoder's name of the caller's choice, until it is closed. */
export async function publishAs(relay, key, encoder) {
  const socket = connect(relay.rtmpPort, "127.0.0.1");
  let ended = false;
  socket.on("error", () => {});
  socket.on("close", () => (ended = true));
  await once(socket, "connect");
  socket.write(Buffer.concat([Buffer.of(3), Buffer.alloc(HANDSHAKE)]));
  await received(socket, 1 + 2 * HANDSHAKE);
  socket.write(Buffer.alloc(HANDSHAKE));
  const server = { app: "live", type: "nonprivate", tcUrl: `rtmp://127.0.0.1:${relay.rtmpPort}/live` };
  socket.write(message(COMMAND, 0, ["connect", 1, server]));
  socket.write(message(COMMAND, 0, ["createStream", 2, null]));
  socket.write(message(COMMAND, 1, ["publish", 3, null, key, "live"]));
  socket.write(message(DATA, 1, ["@setDataFrame", "onMetaData", { encoder, framerate: 25 }]));
  return {
    picture: () => [AVC_HEADER, AVC_KEY_FRAME].forEach((tag) => socket.write(packed(VIDEO, 1, tag))),
    close: () => socket.destroy(),
    get ended() {
      return ended;
    },
  };
}

async function received(socket, count) {
  let all = 0;
  for await (const bytes of socket.iterator({ destroyOnReturn: false })) {
    all += bytes.length;
    if (all >= count) return;
  }
  throw new Error("the relay closed the connection");
}

/** AMF0 values as a message in chunks of 128 bytes on chunk stream 3. */
function message(type, stream, values) {
  return packed(type, stream, Buffer.concat(values.map(written)));
}

function packed(type, stream, body) {
  const head = Buffer.from([3, 0, 0, 0, 0, body.length >> 8, body.length & 0xff, type, stream, 0, 0, 0]);
  const pieces = [head];
  for (let at = 0; at < body.length; at += 128) {
    if (at > 0) pieces.push(Buffer.of(0xc3));
    pieces.push(body.subarray(at, at + 128));
  }
  return Buffer.concat(pieces);
}

function written(value) {
  if (value === null) return Buffer.of(5);
  if (typeof value === "string") return Buffer.concat([Buffer.of(2), counted(value)]);
  if (typeof value === "number") {
    const bytes = Buffer.alloc(9);
    bytes.writeDoubleBE(value, 1);
    return bytes;
  }
  const entries = Object.entries(value).flatMap(([name, held]) => [counted(name), written(held)]);
  return Buffer.concat([Buffer.of(3), ...entries, Buffer.of(0, 0, 9)]);
}

function counted(text) {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length & 0xff), bytes]);
}

const HANDSHAKE = 1536;
const COMMAND = 20;
const DATA = 18;
const VIDEO = 9;
const AVC_HEADER = Buffer.from([0x17, 0, 0, 0, 0, 1, 0x42, 0, 0x1e, 0xff, 0xe0, 0]);
const AVC_KEY_FRAME = Buffer.from([0x17, 1, 0, 0, 0, 0, 0, 0, 2, 0x65, 0x88]);

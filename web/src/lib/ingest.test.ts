import { expect, test } from "vitest";

import { isOwnMachine, serverAddress } from "./ingest";

test("an address has the stream's application, or any", () => {
  expect(serverAddress("relay.example", 1935, null)).toBe("rtmp://relay.example:1935/live");
  expect(serverAddress("[2001:db8::1]", 1936, "church")).toBe("rtmp://[2001:db8::1]:1936/church");
});

test("names that lead every machine to itself are known", () => {
  for (const host of ["localhost", "LOCALHOST", "relay.localhost", "127.0.0.1", "127.1.2.3", "[::1]"]) {
    expect(isOwnMachine(host), host).toBe(true);
  }
  for (const host of ["192.168.1.5", "localhost.example", "mylocalhost", "127.0.0.1.example", "[::2]", "relay"]) {
    expect(isOwnMachine(host), host).toBe(false);
  }
});

import { expect, test } from "vitest";

import { isOwnMachine, secureAddress, serverAddress } from "./ingest";

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

test("an encrypted address has a name that the certificate is good for", () => {
  const address = (host: string, ...names: string[]) => secureAddress(host, { port: 1936, names }, null);
  expect(address("relay.example", "other.example", "relay.example")).toBe("rtmps://relay.example:1936/live");
  expect(address("Live.Relay.Example", "*.relay.example")).toBe("rtmps://Live.Relay.Example:1936/live");
  for (const host of ["192.168.1.5", "[::1]", "localhost", "relay.example", "a.b.relay.example", ".relay.example"]) {
    expect(address(host, "*.relay.example", "live.relay.example"), host).toBe("rtmps://live.relay.example:1936/live");
  }
  expect(address("192.168.1.5")).toBe("rtmps://192.168.1.5:1936/live");
  expect(address("192.168.1.5", "*.relay.example", "*.other.example")).toBeNull();
  expect(secureAddress("a.example", { port: 443, names: ["a.example"] }, "church")).toBe("rtmps://a.example:443/church");
});

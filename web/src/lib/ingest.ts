// Where an encoder has to send to, as far as the page can tell.

/** The server's address as encoders want it. `host` as a browser writes it, with brackets around IPv6. */
export function serverAddress(host: string, port: number, app: string | null): string {
  return `rtmp://${host}:${port}/${app ?? "live"}`;
}

/** Whether this name leads every machine to itself. */
export function isOwnMachine(host: string): boolean {
  return /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])\.?$/i.test(host);
}

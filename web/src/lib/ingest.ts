// Where an encoder has to send to, as far as the page can tell.
import type { Rtmps } from "./shapes";

/** The server's address as encoders want it. `host` as a browser writes it, with brackets around IPv6. */
export function serverAddress(host: string, port: number, app: string | null): string {
  return `rtmp://${host}:${port}/${app ?? "live"}`;
}

/**
 * The same for encoders that encrypt. They compare the certificate's name with the address's, so it is that of the page
 * only if the certificate is made out to it. Null where its names are none that anybody could type.
 */
export function secureAddress(host: string, { port, names }: Rtmps, app: string | null): string | null {
  const isOwn = names.length === 0 || names.some((own) => isFor(own, host));
  const name = isOwn ? host : names.find((own) => !own.startsWith("*"));
  return name === undefined ? null : `rtmps://${name}:${port}/${app ?? "live"}`;
}

/** Whether a certificate's name is good for a host: a wildcard stands for one label. */
function isFor(name: string, host: string): boolean {
  const [own, asked] = [name.toLowerCase(), host.toLowerCase()];
  return own.startsWith("*.") ? asked.indexOf(".") > 0 && asked.slice(asked.indexOf(".")) === own.slice(1) : own === asked;
}

/** Whether this name leads every machine to itself. */
export function isOwnMachine(host: string): boolean {
  return /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])\.?$/i.test(host);
}

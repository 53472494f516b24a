// A configuration on its way out of one relay and into another.

import type { ConfigurationDocument, ImportOrder } from "./settings-shapes";

/** What can be told of a document before the server has looked at it. */
export interface Contents {
  streams: number;
  webhooks: number;
  isSealed: boolean;
}

/** Reads a file; null if it is none of ours. */
export function readDocument(text: string): ConfigurationDocument | null {
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === "object" && read !== null && !Array.isArray(read) ? read : null;
  } catch {
    return null;
  }
}

export function contentsOf({ streams, webhooks, sealed }: ConfigurationDocument): Contents {
  return { streams: lengthOf(streams), webhooks: lengthOf(webhooks), isSealed: sealed !== undefined && sealed !== null };
}

/** What is asked for. Without a passphrase the sealed part is taken out, since nobody could open it. */
export function orderOf(document: ConfigurationDocument, passphrase: string | null, dryRun: boolean): ImportOrder {
  // The audit log tells which fields were given: an import that is meant has no `dry_run`.
  const how = dryRun ? { dry_run: true as const } : {};
  if (passphrase !== null) return { document, passphrase, ...how };
  const open = { ...document };
  delete open.sealed;
  return { document: open, ...how };
}

/** What an exported file is called, by the moment it was made in seconds since 1970. */
export function fileName(now: number): string {
  return `splitcast-${new Date(now * 1000).toISOString().slice(0, 10)}.json`;
}

/** A passphrase that nobody guesses, in characters that are not taken for one another: 120 bits. */
export function newPassphrase(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  const text = Array.from(bytes, (byte) => LETTERS.charAt(byte % LETTERS.length)).join("");
  return text.replace(/(.{6})(?=.)/g, "$1-");
}

function lengthOf(list: unknown): number {
  return Array.isArray(list) ? list.length : 0;
}

/** 32 of them, so that each is as likely. */
const LETTERS = "abcdefghijkmnpqrstuvwxyz23456789";

/** What the server reads, less what stands around the document. */
export const LARGEST_DOCUMENT = 4 * 1024 * 1024 - 2048;

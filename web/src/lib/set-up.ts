// The link that splitcast prints when it has no owner yet.

/** What follows `#setup=` in a link or in its end; null if nothing does. */
export function setUpLink(text: string): string | null {
  return /#setup=([0-9a-z]+)\s*$/.exec(text)?.[1] ?? null;
}

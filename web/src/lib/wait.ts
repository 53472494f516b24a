// How long frames may wait, as it is typed. Nothing typed is null: nobody said.

export function shownWait(ms: number | null): string {
  return ms === null ? "" : String(ms);
}

/** What is no number is sent as one that is too large, which the server refuses in its own words; null it would take. */
export function typedWait(text: string): number | null {
  const typed = text.trim();
  if (typed === "") return null;
  const ms = /^\d+$/.test(typed) ? Number(typed) : Infinity;
  return Math.min(ms, Number.MAX_SAFE_INTEGER);
}

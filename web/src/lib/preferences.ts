// What the reader of the page chose, as this browser keeps it.

/** What was chosen before, if it is one of what can be chosen. */
export function preferred<Choice extends string>(name: string, choices: readonly Choice[]): Choice | null {
  const kept = attempt(() => localStorage.getItem(PREFIX + name));
  return choices.find((choice) => choice === kept) ?? null;
}

/** Keeps a choice for the next time; null forgets it. */
export function prefer(name: string, choice: string | null): void {
  attempt(() => {
    if (choice === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, choice);
  });
}

/** A browser may refuse to keep anything; the page works all the same. */
function attempt<T>(work: () => T): T | null {
  try {
    return work();
  } catch {
    return null;
  }
}

const PREFIX = "splitcast.";

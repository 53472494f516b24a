// How good a new password is, as far as its length tells. Length is what counts most, and all that is asked for.

export const LEAST_CHARACTERS = 10;

/** none: nothing typed yet. short: it would be refused. guessable: too few different characters. */
export type Strength = "none" | "short" | "guessable" | "fair" | "good";

/** Characters as the server counts them. */
export function characters(password: string): number {
  return [...password].length;
}

export function strength(password: string): Strength {
  const count = characters(password);
  if (count === 0) return "none";
  if (count < LEAST_CHARACTERS) return "short";
  if (new Set(password.toLowerCase()).size < DIFFERENT) return "guessable";
  return count < GOOD_CHARACTERS ? "fair" : "good";
}

const GOOD_CHARACTERS = 15;
const DIFFERENT = 5;

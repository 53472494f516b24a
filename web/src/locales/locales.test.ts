import { describe, expect, test } from "vitest";

import { de } from "./de";
import { en } from "./en";
import { es } from "./es";
import { ja } from "./ja";
import { pt } from "./pt";

interface Words {
  [key: string]: string | Words;
}

/** Each text by its key. */
function texts(words: Words, above = ""): [key: string, text: string][] {
  return Object.entries(words).flatMap(([key, value]) =>
    typeof value === "string" ? [[above + key, value] as [string, string]] : texts(value, `${above}${key}.`),
  );
}

const PLURAL = /_(zero|one|two|few|many|other)$/;
const english = texts(en);
const counted = new Set(english.filter(([key]) => PLURAL.test(key)).map(([key]) => key.replace(PLURAL, "")));

/** The keys that a language needs: its own plurals in place of those of English. */
function wanted(code: string): string[] {
  const forms = new Intl.PluralRules(code).resolvedOptions().pluralCategories;
  const plurals = [...counted].flatMap((key) => forms.map((form) => `${key}_${form}`));
  return [...english.map(([key]) => key).filter((key) => !PLURAL.test(key)), ...plurals].sort();
}

function values(text: string): string[] {
  return [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name ?? "").sort();
}

describe.each(Object.entries({ de, es, pt, ja }))("%s", (code, words) => {
  const own = texts(words as Words);

  test("has all words, and none that nobody asks for", () => {
    expect(own.map(([key]) => key).sort()).toEqual(wanted(code));
  });

  test("is told the same values", () => {
    const inEnglish = new Map(english.map(([key, text]) => [key.replace(PLURAL, "_other"), values(text)]));
    for (const [key, text] of own) {
      const asked = inEnglish.get(key.replace(PLURAL, "_other")) ?? [];
      // A plural's form may leave the number out where it is always the same.
      if (PLURAL.test(key)) expect(asked, key).toEqual(expect.arrayContaining(values(text)));
      else expect(values(text), key).toEqual(asked);
    }
  });

  test("says something everywhere", () => {
    for (const [key, text] of own) expect(text.trim(), key).not.toBe("");
  });
});

test("English says something everywhere", () => {
  for (const [key, text] of english) expect(text.trim(), key).not.toBe("");
});

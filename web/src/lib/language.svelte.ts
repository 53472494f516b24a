// The language of the page: its words in `locales`, one chunk a language, and how it writes numbers and times.
//
// English is part of the page; the others come when they are wanted. What the server says in words of its own
// (errors, what a target answered) is English in every language, and is marked as such where it is shown.

import i18next, { type TFunction } from "i18next";

import { en } from "../locales/en";
import { prefer, preferred } from "./preferences";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "words";
    resources: typeof en;
  }
}

type Namespace = keyof typeof en;

export type LanguageCode = "en" | "de" | "es" | "pt" | "ja";

/** The languages there are, each by its own name. */
export const LANGUAGES: readonly { code: LanguageCode; name: string }[] = [
  { code: "en", name: "English" },
  { code: "de", name: "Deutsch" },
  { code: "es", name: "Español" },
  { code: "pt", name: "Português" },
  { code: "ja", name: "日本語" },
];

// English is there at once.
void i18next.init({
  lng: "en",
  fallbackLng: "en",
  resources: { en },
  defaultNS: "words",
  initAsync: false,
  // Svelte writes text as text.
  interpolation: { escapeValue: false },
});

class Language {
  #code = $state<LanguageCode>("en");

  /** Which it is. What reads it is drawn anew when it changes, and so is whatever calls `t`. */
  get code(): LanguageCode {
    return this.#code;
  }

  /** What `Intl` knows it by. */
  get locale(): string {
    return this.#code === "en" ? ENGLISH_WITH_24_HOURS : this.#code;
  }

  /** Begins with what was chosen here before, else with what the browser asks for. */
  async begin(): Promise<void> {
    await this.#become(preferred(PREFERENCE, CODES) ?? wanted(navigator.languages));
  }

  async choose(code: LanguageCode): Promise<void> {
    prefer(PREFERENCE, code);
    await this.#become(code);
  }

  async #become(code: LanguageCode): Promise<void> {
    if (code !== "en" && !i18next.hasResourceBundle(code, "words")) {
      const words = await LOADERS[code]().catch(() => null);
      // Without its words the page stays readable in the one it has.
      if (words === null) return;
      for (const [namespace, bundle] of Object.entries(words)) i18next.addResourceBundle(code, namespace, bundle);
    }
    await i18next.changeLanguage(code);
    this.#code = code;
    document.documentElement.lang = code;
  }
}

export const language = new Language();

/** The page's words by their key, "namespace:key". */
export const t = ((key: string, values?: object) => {
  const { code } = language;
  if (values !== undefined) return i18next.t(key as "words:moment", values as never);
  // Looked up once: a page of fifty targets asks for a thousand labels each second.
  if (code !== labels.code) labels = { code, texts: {} };
  return (labels.texts[key] ??= i18next.t(key as "words:moment"));
}) as TFunction<["words", ...Namespace[]]>;

/** The first of a browser's languages that there is. */
export function wanted(languages: readonly string[]): LanguageCode {
  const asked = languages.map((tag) => tag.toLowerCase().split("-")[0]);
  return asked.flatMap((code) => CODES.find((known) => known === code) ?? [])[0] ?? "en";
}

/** What was looked up in the present language. */
let labels: { code: LanguageCode; texts: Record<string, string> } = { code: "en", texts: {} };

const CODES = LANGUAGES.map(({ code }) => code);
const PREFERENCE = "language";
const ENGLISH_WITH_24_HOURS = "en-GB";

const LOADERS: Record<Exclude<LanguageCode, "en">, () => Promise<Record<keyof typeof en, object>>> = {
  de: async () => (await import("../locales/de")).de,
  es: async () => (await import("../locales/es")).es,
  pt: async () => (await import("../locales/pt")).pt,
  ja: async () => (await import("../locales/ja")).ja,
};

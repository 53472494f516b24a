// Dark or light: as the system has it, unless the reader chose.

import { prefer, preferred } from "./preferences";

export type Theme = "system" | "light" | "dark";

class ThemeChoice {
  #chosen = $state<Theme>("system");

  get chosen(): Theme {
    return this.#chosen;
  }

  begin(): void {
    this.#show(preferred(PREFERENCE, THEMES) ?? "system");
  }

  choose(theme: Theme): void {
    prefer(PREFERENCE, theme === "system" ? null : theme);
    this.#show(theme);
  }

  #show(theme: Theme): void {
    this.#chosen = theme;
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }
}

export const theme = new ThemeChoice();

export const THEMES: readonly Theme[] = ["system", "light", "dark"];
const PREFERENCE = "theme";

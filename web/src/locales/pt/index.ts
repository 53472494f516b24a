import parts from "./parts.json";
import entry from "./entry.json";
import overview from "./overview.json";
import drawer from "./drawer.json";
import form from "./form.json";
import settings from "./settings.json";
import preview from "./preview.json";
import words from "./words.json";

export const pt = { parts, entry, overview, drawer, form, settings, preview, words };

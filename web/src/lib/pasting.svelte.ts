// A server and a key as they are pasted or typed: whole addresses are taken apart, with a word about it and a way back.

import { t } from "./language.svelte";
import { read, type Place, type Reading, type Understood } from "./paste";
import type { KeyForm } from "./target-form";
import { bare, isCustom, platformName, serverAt, type Platform } from "./platforms";

/** The form it works on. */
interface Where {
  form: () => KeyForm;
  platforms: () => readonly Platform[];
  platform: () => Platform | null;
  /** An address turned out to be another platform's. */
  take: (platform: Platform) => void;
}

export class Pasting {
  /** What was done. */
  notice = $state<string | null>(null);
  #misfit = $state<{ place: Place; text: string } | null>(null);
  #undo: (() => void) | null = null;
  readonly #where: Where;

  constructor(where: Where) {
    this.#where = where;
  }

  /** What is wrong with what stands at a place. */
  misfitAt(place: Place): string | null {
    return this.#misfit?.place === place ? this.#misfit.text : null;
  }

  /** Something is pasted. */
  pasted(event: ClipboardEvent, place: Place): void {
    const text = event.clipboardData?.getData("text") ?? "";
    this.forget();
    if (this.#hear(place, text) === "taken") event.preventDefault();
  }

  /**
   * The user goes on to another field. On the way to a button nothing may move under the pointer: that is
   * left to `settle`.
   */
  left(event: FocusEvent, place: Place): void {
    const next = event.relatedTarget;
    if (!(event.target instanceof HTMLInputElement) || !(next instanceof HTMLInputElement)) return;
    this.#hear(place, this.#where.form()[place]);
  }

  /** Before all is sent. Tells which place holds what cannot be sent. */
  settle(): { place: Place; text: string } | null {
    this.forget();
    for (const place of ["url", "key"] as const) this.#hear(place, this.#where.form()[place]);
    const misfit = this.#misfit;
    this.forget();
    return misfit;
  }

  undo(): void {
    this.#undo?.();
    this.forget();
  }

  forget(): void {
    this.notice = null;
    this.#misfit = null;
    this.#undo = null;
  }

  #hear(place: Place, text: string): "taken" | "left" {
    const reading = this.#read(place, text);
    if (reading === null) {
      if (this.#misfit?.place === place) this.#misfit = null;
      return "left";
    }
    if ("misfit" in reading) {
      this.#misfit = { place, text: t(`form:misfit.${reading.misfit}`) };
      return "left";
    }
    this.#take(place, text, reading);
    return "taken";
  }

  #read(place: Place, text: string): Reading | null {
    const { platform, platforms } = this.#where;
    return read(text, place, platforms(), platform()?.id === "rtmps" ? "rtmps" : "rtmp");
  }

  #take(place: Place, text: string, understood: Understood): void {
    const form = this.#where.form();
    const before = { url: form.url, key: form.key, user: form.user, password: form.password };
    const platform = this.#where.platform();
    const other = this.#otherPlatform(understood);
    if (other !== null) this.#where.take(other);
    // What stands there already is not written in another way.
    if (bare(form.url) !== understood.server) {
      form.url = serverAt(understood.server, this.#where.platform())?.url ?? understood.server;
    }
    if (understood.login !== null) Object.assign(form, understood.login);
    if (understood.key !== null) form.key = understood.key;
    else if (place === "key") form.key = "";
    const notice = noticeOf(understood, place, other);
    if (notice === null) return;
    this.notice = notice;
    this.#undo = () => {
      if (other !== null && platform !== null) this.#where.take(platform);
      Object.assign(form, before, { [place]: text.trim() });
    };
  }

  /** The platform that an address belongs to, if it is not the chosen one. */
  #otherPlatform({ platform, server }: Understood): Platform | null {
    const chosen = this.#where.platform();
    if (chosen === null || platform?.id === chosen.id) return null;
    if (platform === null) {
      // Some platforms give everybody another address.
      if (chosen.server_from !== "list") return null;
      const scheme = server.split("://")[0];
      return this.#where.platforms().find((custom) => isCustom(custom) && custom.id === scheme) ?? null;
    }
    return standOnOneCloud(chosen, platform) ? null : platform;
  }
}

/** Kick's servers are Amazon's. */
function standOnOneCloud(chosen: Platform, other: Platform): boolean {
  const hosts = chosen.servers.map(({ url }) => url.split("/")[2]?.split(":")[0] ?? "");
  return hosts.some((host) => other.domains.some((domain) => host.endsWith(`.${domain}`)));
}

function noticeOf(understood: Understood, place: Place, other: Platform | null): string | null {
  const { key, login, platform, mended, end, server } = understood;
  if (login !== null) return t("form:pasted.login");
  if (mended === "app") return t("form:pasted.app", { end: end ?? "", platform: platform === null ? "IVS" : platformName(platform) });
  if (mended === "scheme") return t("form:pasted.scheme", { scheme: bare(server).split("://")[0] ?? "" });
  if (other !== null && !isCustom(other)) {
    const values = { platform: platformName(other) };
    return key === null ? t("form:pasted.platform", values) : t("form:pasted.platformSplit", values);
  }
  if (key !== null) return t("form:pasted.split");
  return place === "key" ? t("form:pasted.moved") : null;
}

// Where in the page the reader is: what stands behind the # of its address, so that it can be linked to and the
// browser's "back" works. The server is never told.

export type Place =
  | { screen: "overview" }
  | { screen: "target"; target: number }
  | { screen: "settings"; section: string };

class Route {
  #hash = $state("");
  readonly place: Place = $derived(placeOf(this.#hash));
  /** Says whether the reader may go to an address; who may not stays. */
  guard: ((hash: string) => boolean) | null = null;

  /** Follows the address until the returned function is called. */
  watch(): () => void {
    const moved = () => {
      if (location.hash === this.#hash || (this.guard?.(location.hash) ?? true)) this.#hash = location.hash;
      else history.replaceState(null, "", this.#hash);
    };
    window.addEventListener("hashchange", moved);
    moved();
    return () => window.removeEventListener("hashchange", moved);
  }

  go(place: Place): void {
    location.hash = addressOf(place);
  }
}

export const route = new Route();

/** What a link to a place says. */
export function addressOf(place: Place): string {
  switch (place.screen) {
    case "overview":
      return "#/";
    case "target":
      return `#/targets/${place.target}`;
    case "settings":
      return `#/settings/${place.section}`;
  }
}

/** An address that leads nowhere leads to the overview. */
export function placeOf(hash: string): Place {
  const [screen, which = ""] = hash.replace(/^#\/?/, "").split("/");
  if (screen === "settings") return { screen, section: /^[a-z-]+$/.test(which) ? which : "account" };
  if (screen === "targets" && /^\d{1,15}$/.test(which)) return { screen: "target", target: Number(which) };
  return { screen: "overview" };
}

// What the browser's tab says, so that one look at it is enough.

import type { Status } from "./api";
import { t } from "./language.svelte";
import { isOnAir, targetLook } from "./words";

/** act: somebody is needed. live: it is on air. lost: nobody knows. */
export type Sign = "plain" | "live" | "act" | "lost";

export interface TabTitle {
  text: string;
  sign: Sign;
}

export function tabTitle(status: Status | null, isLost: boolean): TabTitle {
  if (isLost) return { text: t("entry:title.lost"), sign: "lost" };
  const targets = (status?.streams ?? []).flatMap((stream) => stream.targets);
  const stuck = targets.filter((target) => targetLook(target.state).tone === "act").length;
  if (stuck > 0) return { text: t("entry:title.act", { count: stuck }), sign: "act" };
  const live = targets.filter(isOnAir).length;
  return live > 0 ? { text: t("entry:title.live", { count: live }), sign: "live" } : { text: "splitcast", sign: "plain" };
}

import { expect, test } from "vitest";

import { addressOf, placeOf, type Place } from "./route.svelte";

test("places have addresses", () => {
  const places: Place[] = [
    { screen: "overview" },
    { screen: "target", target: 7 },
    { screen: "settings", section: "audit-log" },
  ];
  for (const place of places) expect(placeOf(addressOf(place))).toEqual(place);
});

test.each(["", "#", "#/nowhere", "#/targets/x", "#/targets/-1", "#/targets/1e9", "#setup=secret", "#/targets/99999999999999999999"])(
  "%s leads to the overview",
  (hash) => {
    expect(placeOf(hash)).toEqual({ screen: "overview" });
  },
);

test.each(["#/settings", "#/settings/", "#/settings/<b>"])("%s leads to the account", (hash) => {
  expect(placeOf(hash)).toEqual({ screen: "settings", section: "account" });
});

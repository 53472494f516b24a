// What the buttons of a target order of the relay.

import type { Api, Target } from "./api";
import type { Order } from "./words";

/** Gives an order. */
export function give(api: Api, target: Target, order: Order): Promise<Target> {
  switch (order) {
    case "enable":
      return api.updateTarget(target, { enabled: true });
    case "start":
      return api.startTarget(target.id);
    case "stop":
      return api.stopTarget(target.id);
  }
}

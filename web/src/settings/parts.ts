// What shows each section of the settings.

import ArrowDownUp from "@lucide/svelte/icons/arrow-down-up";
import Info from "@lucide/svelte/icons/info";
import KeyRound from "@lucide/svelte/icons/key-round";
import RadioTower from "@lucide/svelte/icons/radio-tower";
import ScrollText from "@lucide/svelte/icons/scroll-text";
import Terminal from "@lucide/svelte/icons/terminal";
import UserRound from "@lucide/svelte/icons/user-round";
import UsersRound from "@lucide/svelte/icons/users-round";
import WebhookIcon from "@lucide/svelte/icons/webhook";
import type { Component } from "svelte";

import type { SectionId } from "../lib/sections";
import About from "./About.svelte";
import Account from "./Account.svelte";
import Audit from "./Audit.svelte";
import Log from "./Log.svelte";
import People from "./People.svelte";
import Streams from "./Streams.svelte";
import Tokens from "./Tokens.svelte";
import Transfer from "./Transfer.svelte";
import Webhooks from "./Webhooks.svelte";

export const PARTS: Record<SectionId, { part: Component<{ title: string }>; icon: typeof Info }> = {
  account: { part: Account, icon: UserRound },
  streams: { part: Streams, icon: RadioTower },
  webhooks: { part: Webhooks, icon: WebhookIcon },
  people: { part: People, icon: UsersRound },
  tokens: { part: Tokens, icon: KeyRound },
  audit: { part: Audit, icon: ScrollText },
  transfer: { part: Transfer, icon: ArrowDownUp },
  log: { part: Log, icon: Terminal },
  about: { part: About, icon: Info },
};

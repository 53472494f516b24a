// How far somebody reaches. Each scope holds those before it.

import type { Scope } from "./api";

/** Whether who has the one scope may do what needs the other. */
export function reaches(has: Scope | null, needs: Scope): boolean {
  return has !== null && SCOPES.indexOf(has) >= SCOPES.indexOf(needs);
}

export const SCOPES: readonly Scope[] = ["read", "operate", "edit", "admin"];

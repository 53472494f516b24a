// The heading of the section of the settings that is shown.

export const HEADING = "settings-section";

/** Gives the focus back to the section, where what had it is gone. */
export function focusHeading(): void {
  document.getElementById(HEADING)?.focus();
}

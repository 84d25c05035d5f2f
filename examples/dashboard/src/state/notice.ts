import { signal } from "@preact/signals";

/** A message about something that the user did. */
export interface Notice {
  readonly tone: "good" | "bad";
  readonly text: string;
}

/** The latest message; `null` after the user closed it. */
export const notice = signal<Notice | null>(null);

export function notify(tone: Notice["tone"], text: string): void {
  notice.value = { tone, text };
}

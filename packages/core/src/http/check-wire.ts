import * as z from "zod";

/** The schema of a check's result. */
export const check = z.string().describe("Starts with `✓` or `✗`");

/** Converts the result of a check to the text of the wire. */
export function toCheckText({ ok, text }: { readonly ok: boolean; readonly text: string }): string {
  return `${ok ? "✓" : "✗"} ${text}`;
}

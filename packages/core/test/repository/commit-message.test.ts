import fc from "fast-check";
import { expect, it } from "vitest";
import { splitMessage, withTrailer } from "../../src/repository/commit-message.js";

const trailer = "Infrajet-Sync: 12/3";

it.each([
  ["Headline", `Headline\n\n${trailer}`],
  ["Headline\n", `Headline\n\n${trailer}`],
  ["Headline\n\nBody\nmore", `Headline\n\nBody\nmore\n\n${trailer}`],
  ["Head\n\nCo-authored-by: A <a@b>\nRefs: #1", `Head\n\nCo-authored-by: A <a@b>\nRefs: #1\n${trailer}`],
  ["Fix: one", `Fix: one\n\n${trailer}`],
  ["Head\n\nNote: this\nis text", `Head\n\nNote: this\nis text\n\n${trailer}`],
])("withTrailer appends the trailer to %j as its last line", (message, expected) => {
  expect(withTrailer(message, trailer)).toBe(expected);
});

it("splitMessage splits a message that GitHub joins again, with the trailer last", () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1 }).filter((text) => text.trim() !== ""),
      fc.string(),
      (headline, body) => {
        const { headline: first, body: rest } = splitMessage(withTrailer(`${headline.trim()}\n\n${body}`, trailer));
        expect(first).not.toContain("\n");
        expect(`${first}\n\n${rest}`.split("\n").at(-1)).toBe(trailer);
      },
    ),
  );
});

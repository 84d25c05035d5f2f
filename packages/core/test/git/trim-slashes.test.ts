import { describe, expect, it } from "vitest";
import { trimSlashes } from "../../src/git/trim-slashes.js";

describe("trimSlashes", () => {
  it.each([
    ["", ""],
    ["/", ""],
    ["///", ""],
    ["a", "a"],
    ["//a//b//", "a//b"],
  ])("turns %j into %j", (path, trimmed) => expect(trimSlashes(path)).toBe(trimmed));
});

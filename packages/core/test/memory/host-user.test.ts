import { describe, expect, it } from "vitest";
import { userIdText } from "../../src/domain/host-user.js";

describe("userIdText", () => {
  it.each([
    [7, "7"],
    [0, "0"],
    [-3, "-3"],
    [Number.MAX_SAFE_INTEGER, "9007199254740991"],
    ["7", "7"],
    ["007", "007"],
    ["User", "User"],
    ["a".repeat(200), "a".repeat(200)],
    ["\u{1f511}".repeat(200), "\u{1f511}".repeat(200)],
  ])("returns %j as %j", (id, text) => expect(userIdText({ id })).toBe(text));

  it("rejects IDs that are reserved for installations", () => {
    expect(() => userIdText({ id: "app:12" })).toThrow(
      expect.objectContaining({ code: "unauthenticated", status: 401 }),
    );
    expect(userIdText({ id: "app:ann" })).toBe("app:ann");
  });

  it.each([
    ...["", "a\0", "\0", "\ud800", "a\udc00b", "a".repeat(201), "\u{1f511}".repeat(201), "a".repeat(1_000_000)],
    ...[Number.NaN, 1.5, 2 ** 53, Number.POSITIVE_INFINITY],
  ])("rejects an ID that does not identify exactly one user (%#)", (id) => {
    expect(() => userIdText({ id })).toThrow(expect.objectContaining({ code: "unauthenticated", status: 401 }));
  });
});

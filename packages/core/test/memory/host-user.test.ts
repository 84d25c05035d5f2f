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
  ])("holds %j as %j", (id, text) => expect(userIdText({ id })).toBe(text));

  it("rejects an ID that is reserved for the syncs of an installation", () => {
    expect(() => userIdText({ id: "app:12" })).toThrow(expect.objectContaining({ code: "internal_error" }));
    expect(userIdText({ id: "app:ann" })).toBe("app:ann");
  });

  it.each(["", Number.NaN, 1.5, 2 ** 53, Number.POSITIVE_INFINITY])("rejects the invalid ID %j", (id) => {
    expect(() => userIdText({ id })).toThrow(expect.objectContaining({ code: "internal_error" }));
  });
});

import { describe, expect, it } from "vitest";
import { defined } from "../src/defined.js";

describe("defined", () => {
  it("drops members that are undefined and keeps null, false, 0 and empty strings", () => {
    const members = defined({ a: undefined, b: null, c: false, d: 0, e: "" });
    expect(Object.keys(members)).toEqual(["b", "c", "d", "e"]);
  });
});

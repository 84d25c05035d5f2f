import { expect, test } from "vitest";
import { isFileMode, normalizeMode, objectTypeOf } from "../../src/git/file-mode.js";

test.each([
  ["100644", "100644"],
  ["100664", "100644"],
  ["100600", "100644"],
  ["100755", "100755"],
  ["100775", "100755"],
  ["100700", "100755"],
  ["120000", "120000"],
  ["120777", "120000"],
  ["40000", "040000"],
  ["040000", "040000"],
  ["040755", "040000"],
  ["160000", "160000"],
  ["060000", "160000"],
])("normalizeMode converts mode %s to %s as git does", (mode, normal) => {
  expect(normalizeMode(mode)).toBe(normal);
});

test.each(["", "blob", "100844", "-100644", "1e5", "100644 "])("normalizeMode returns null for %j", (mode) => {
  expect(normalizeMode(mode)).toBeNull();
});

test("isFileMode accepts files, links and executables", () => {
  expect(["100644", "100755", "120000", "160000", "040000", "100664"].filter(isFileMode)).toEqual([
    "100644",
    "100755",
    "120000",
  ]);
});

test("objectTypeOf returns the type of the object", () => {
  expect(objectTypeOf("100755")).toBe("blob");
  expect(objectTypeOf("120000")).toBe("blob");
  expect(objectTypeOf("040000")).toBe("tree");
  expect(objectTypeOf("160000")).toBe("commit");
});

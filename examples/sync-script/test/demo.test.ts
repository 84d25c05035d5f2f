import { readdir } from "node:fs/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openScriptFixture, type ScriptFixture } from "./script-fixture.js";

let fixture: ScriptFixture;
beforeAll(async () => {
  fixture = await openScriptFixture();
});
afterAll(() => fixture.close());

it("npm run demo completes with a clone that equals the project, and leaves no files behind", async () => {
  const temporary = await fixture.project("tmp", {});
  const { code, stdout, stderr } = await fixture.start("demo.ts", [], { env: { TMPDIR: temporary, TEMP: temporary } })
    .end;
  expect(stderr).toBe("");
  expect(code).toBe(0);
  expect(stdout).toContain("Completed: 8 files written, in one commit");
  expect(stdout).toContain("Nothing to write");
  expect(stdout).toContain("resolved by merge");
  expect(stdout).toContain("Failed: Changed on both sides: main.tf. Nothing was written.");
  expect(stdout).toContain("resolved by ours");
  expect(stdout).toContain("git fsck --strict: no fault");
  expect(stdout).toContain("equal byte for byte: 8 files, modes included");
  expect(await readdir(temporary)).toEqual([]);
});

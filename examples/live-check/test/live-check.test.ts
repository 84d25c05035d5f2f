import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseArguments } from "../src/arguments.js";
import { type CheckSettings, liveCheck } from "../src/live-check.js";
import { STEPS } from "../src/steps.js";

const RECORDINGS = fileURLToPath(new URL("../recordings/", import.meta.url));
const KEPT = existsSync(RECORDINGS) ? readdirSync(RECORDINGS).filter((name) => name.endsWith(".json")) : [];
const NUMBERS = STEPS.map(({ number }) => number);
let folder: string;
let lines: string[];
let settings: CheckSettings;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "infrajet-live-check-test-"));
  lines = [];
  const say = (line: string): void => void lines.push(line);
  settings = { env: {}, signal: new AbortController().signal, say, confirm: async () => false };
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Runs a check with command line arguments. */
async function run(...argv: string[]): Promise<number> {
  const asked = parseArguments([...argv, "--output", folder], NUMBERS);
  if (asked === null) throw new Error("The arguments ask for the help text.");
  return liveCheck(asked, settings);
}

/** Returns the path and the text of the recording. */
async function recording(): Promise<{ file: string; text: string }> {
  const [name = ""] = await readdir(folder);
  const file = join(folder, name);
  return { file, text: await readFile(file, "utf8") };
}

describe("liveCheck against another box", () => {
  it("finds two boxes equal, writes a recording without credentials and deletes the repositories", async () => {
    expect(await run("--against", "box", "--only", "0,4,7,13,14")).toBe(0);
    expect(lines).toContain("16 clean-up: 1 of 1 repositories are deleted");
    const { text } = await recording();
    const { exchanges } = JSON.parse(text);
    expect(exchanges.length).toBeGreaterThan(40);
    for (const { request, response } of exchanges) {
      expect(Object.keys(request)).toEqual(["method", "path", "headers", "body"]);
      expect(Object.keys(response)).toEqual(["status", "headers", "body"]);
    }
    expect(text).not.toMatch(/\bgh[opsur]_\w{16}|eyJ[\w-]{10}|PRIVATE KEY|box-user|127\.0\.0\.1/);
  });

  it("rejects an unknown step", async () => {
    await expect(run("--only", "3,99")).rejects.toThrow('--only: "3,99" is not a list of steps.');
  });
});

describe("liveCheck against a recording", () => {
  it("holds the box to what was recorded, and reports a changed status", async () => {
    await run("--against", "box", "--only", "14");
    const { file, text } = await recording();
    expect(await run("--against", file)).toBe(0);
    expect(lines).toContain(" 0 preflight: skipped, not in the recording");
    await writeFile(file, text.replace('"status": 200', '"status": 404'));
    expect(await run("--against", file, "--only", "14")).toBe(1);
    expect(lines).toContain("14 SHA-256 repositories: differs: hash algorithm: status 404, in the box 200");
  });

  // No file until a check of GitHub has been kept.
  it.each(KEPT)("finds the box equal to the kept recording %s", async (name) => {
    const code = await run("--against", join(RECORDINGS, name));
    expect(lines.filter((line) => line.includes("differs:"))).toEqual([]);
    expect(code).toBe(0);
  });

  it("rejects a file that is not a recording", async () => {
    const file = join(folder, "other.json");
    await writeFile(file, "{}");
    await expect(run("--against", file)).rejects.toThrow("is not the file of a check");
  });
});

describe("liveCheck against GitHub", () => {
  it("names the missing variable", async () => {
    await expect(run()).rejects.toThrow("GITHUB_TOKEN is missing.");
  });
});

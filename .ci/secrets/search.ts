// Around a whole test run: searches what all test files were told (see record.ts) for the secrets of each of them, and
// fails the run when one is found, or when there was nothing to search.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import type { TestProject } from "vitest/node";
import type { Recording } from "./recording.js";

/** Shorter ones are words that tests use for a secret, and are found everywhere. */
const SHORTEST = 12;

/** Makes the folder that recordings are written to, and gives back what searches them. */
export default function setup(project: TestProject): () => Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "infrajet-recordings-"));
  project.provide("recordings", folder);
  return async () => {
    const recordings = readdirSync(folder).map((name) => read(join(folder, name)));
    rmSync(folder, { recursive: true });
    const all = await project.vitest.globTestSpecifications();
    // Some test files alone may well have nothing to search.
    const files = new Set(recordings.map(({ file }) => file));
    report(recordings, files.size >= all.length);
  };
}

function read(path: string): Recording {
  return JSON.parse(readFileSync(path, "utf8"));
}

function report(recordings: readonly Recording[], isWholeRun: boolean): void {
  const secrets = new Set(recordings.flatMap((recording) => recording.secrets));
  const told = recordings.flatMap((recording) => recording.told);
  const found = findSecrets(secrets, recordings);
  console.log(
    `      Secrets  ${found.length} of ${secrets.size} told in ${told.length} log lines, errors and events\n`,
  );
  for (const finding of found) console.error(finding);
  const provesNothing = isWholeRun && (secrets.size === 0 || told.length === 0);
  if (provesNothing) console.error("Nothing was recorded that secrets could be searched in.");
  // Vitest prints what a teardown throws, and ends well all the same.
  if (found.length > 0 || provesNothing) process.exitCode = 1;
}

/** Where something told holds a secret; the secret itself is not repeated. */
function findSecrets(secrets: ReadonlySet<string>, recordings: readonly Recording[]): readonly string[] {
  // By their first characters: each text is gone through once, however many secrets there are.
  const byBeginning = new Map<string, string[]>();
  for (const secret of new Set([...secrets].flatMap(searchable))) {
    const beginning = secret.slice(0, SHORTEST);
    byBeginning.set(beginning, [...(byBeginning.get(beginning) ?? []), secret]);
  }
  const found: string[] = [];
  for (const { file, told } of recordings) {
    for (const text of told) {
      for (let at = 0; at + SHORTEST <= text.length; at += 1) {
        const secret = byBeginning.get(text.slice(at, at + SHORTEST))?.find((known) => text.startsWith(known, at));
        if (secret !== undefined)
          found.push(`A secret was told in ${relative("", file)}:\n${around(text, at, secret)}\n`);
      }
    }
  }
  return found;
}

function around(text: string, at: number, secret: string): string {
  const end = at + secret.length;
  return `${text.slice(Math.max(0, at - 200), at)}[a secret]${text.slice(end, end + 100)}`;
}

/** A key in PEM is searched line by line, since printing puts something else in place of its line breaks. */
function searchable(secret: string): string[] {
  const lines = secret.split("\n").filter((line) => line.length >= SHORTEST && !line.startsWith("-----"));
  return [...lines, ...lines.map(encodeURIComponent)];
}

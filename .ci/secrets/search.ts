// Global setup of a test run: searches the recorded output of all test files (see record.ts) for all recorded secrets. Fails the
// run when it finds one, or when nothing was recorded.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import type { TestProject } from "vitest/node";
import type { Recording } from "./recording.js";

/** Shorter secrets are ordinary words in tests, which occur everywhere. */
const SHORTEST = 12;

/** Creates the folder for recordings and returns a teardown that searches them. */
export default function setup(project: TestProject): () => Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "infrajet-recordings-"));
  project.provide("recordings", folder);
  return async () => {
    const recordings = readdirSync(folder).map((name) => read(join(folder, name)));
    rmSync(folder, { recursive: true });
    const all = await project.vitest.globTestSpecifications();
    // A run of only some test files may have nothing to search.
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
    `      Secrets  ${found.length} of ${secrets.size} found in ${told.length} log lines, errors and events\n`,
  );
  for (const finding of found) console.error(finding);
  const provesNothing = isWholeRun && (secrets.size === 0 || told.length === 0);
  if (provesNothing) console.error("No secrets or no output were recorded.");
  // Vitest prints an error that a teardown throws but exits with 0.
  if (found.length > 0 || provesNothing) process.exitCode = 1;
}

/** Returns a message for each occurrence of a secret, without the secret. */
function findSecrets(secrets: ReadonlySet<string>, recordings: readonly Recording[]): readonly string[] {
  // Grouped by their first characters, so that each text is searched once for any number of secrets.
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
          found.push(`A secret was found in the output of ${relative("", file)}:\n${around(text, at, secret)}\n`);
      }
    }
  }
  return found;
}

function around(text: string, at: number, secret: string): string {
  const end = at + secret.length;
  return `${text.slice(Math.max(0, at - 200), at)}[a secret]${text.slice(end, end + 100)}`;
}

/** Splits a PEM key into lines, because printing may replace its line breaks. */
function searchable(secret: string): string[] {
  const lines = secret.split("\n").filter((line) => line.length >= SHORTEST && !line.startsWith("-----"));
  return [...lines, ...lines.map(encodeURIComponent)];
}

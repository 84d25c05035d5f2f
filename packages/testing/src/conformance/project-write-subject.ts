import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type {
  ExpectedFile,
  FileMode,
  NewContent,
  ProjectWriteSession,
  WritableProjectFiles,
  WriteOptions,
  Written,
} from "@infrajet/github/adapters";
import { isGitHubSdkError } from "@infrajet/github/errors";
import type { ProjectFilesSubject } from "./project-files-conformance.js";
import { bytes, listed, read, withSession } from "./project-session.js";

/** A source with one empty project that can be written, and functions that change the project from outside. */
export interface ProjectWriteSubject extends ProjectFilesSubject {
  readonly source: WritableProjectFiles;
  /**
   * Runs an action before each step that write sessions take in the storage, such as a request or a system call. While it runs, no
   * action is run for the steps that it takes itself. An action that throws fails the step without its effect. `null` stops it.
   */
  beforeStep(action: (() => Promise<void> | void) | null): void;
  /** Renames a file as a user would. */
  rename(from: string, to: string): Promise<void> | void;
  /**
   * Returns the contents of all files in the project's storage by path, also of those that listings hide. The content of a link is
   * its target. The path of a locked file has the suffix ` (locked)`.
   */
  stored(): Promise<ReadonlyMap<string, string>> | ReadonlyMap<string, string>;
}

/** The operation of the cases: the first attempt of the sync 42. */
export const OPERATION = "42/1";

export const DROP: WriteOptions = { operation: OPERATION, keep: "drop" };
export const ASIDE: WriteOptions = { operation: OPERATION, keep: "aside" };

// A write takes fewer steps, whatever the storage.
const MOST_STEPS = 200;

/** Returns a text as content to write. */
export function contentOf(text: string, mode: FileMode = "100644"): NewContent {
  return {
    ...identityOf(text),
    mode,
    async *bytes() {
      const content = bytes(text);
      for (let start = 0; start < content.length; start += 3) yield content.slice(start, start + 3);
    },
  };
}

/** Returns a text as the version that a write expects. */
export function expectedOf(text: string, versionTag: string | null = null): ExpectedFile {
  return { ...identityOf(text), versionTag };
}

function identityOf(text: string): { readonly oid: string; readonly size: number } {
  const size = Buffer.byteLength(text);
  return { oid: createHash("sha1").update(`blob ${size}\0`).update(text).digest("hex"), size };
}

/** Runs a function with a write session and closes the session. */
export async function withWriteSession<Result>(
  { source, project }: ProjectWriteSubject,
  use: (session: ProjectWriteSession) => Promise<Result>,
): Promise<Result> {
  const session = await source.openToWrite(project);
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}

/** Returns the texts of all files of the project by path, as a reader sees them. */
export async function textsOf(subject: ProjectWriteSubject): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  await withSession(subject, async (session) => {
    for (const directories = [""]; directories.length > 0; ) {
      for (const entry of await listed(session, directories.shift() ?? "")) {
        if (entry.type === "directory") directories.push(entry.path);
        else texts.set(entry.path, Buffer.from((await read(session, entry)).content).toString());
      }
    }
  });
  return texts;
}

/** Returns the text of a file, or `null` when the project does not contain it. */
export async function textAt(subject: ProjectWriteSubject, path: string): Promise<string | null> {
  return (await textsOf(subject)).get(path) ?? null;
}

/** Returns what a reader sees: a text, `null` for no file, or `"source_changed"`. */
export async function seenAt(subject: ProjectWriteSubject, path: string): Promise<string | null> {
  try {
    return await textAt(subject, path);
  } catch (error) {
    if (isGitHubSdkError(error, "source_changed")) return error.code;
    throw error;
  }
}

/** Asserts the files that the storage contains, also hidden ones. */
export async function assertStored(subject: ProjectWriteSubject, ...paths: readonly string[]): Promise<void> {
  assert.deepEqual([...(await subject.stored()).keys()].sort(), [...paths].sort());
}

/** Asserts the outcome of a write. */
export function assertOutcome(written: Written, ...outcomes: readonly Written["outcome"][]): void {
  assert.ok(outcomes.includes(written.outcome), `expected ${outcomes.join(" or ")}, got ${JSON.stringify(written)}`);
  if (written.outcome !== "written") assert.match(written.reason, /\w.*\.$/, "the reason is a sentence");
}

/** Makes a user's change, which a source may refuse while it has the file locked. Resolves to true when it was made. */
export async function attempt(change: () => Promise<void> | void): Promise<boolean> {
  try {
    await change();
    return true;
  } catch {
    return false;
  }
}

/** Runs a write with an action before one of its steps. */
export type RunAtStep<Result> = (action: () => Promise<void> | void) => Promise<Result>;

/**
 * Runs a test once for each step of a write, with a function that runs the write and an action before that step. Ends with the first
 * run whose write has fewer steps.
 */
export async function atEachStep<Result>(
  subject: ProjectWriteSubject,
  write: (session: ProjectWriteSession) => Promise<Result>,
  test: (run: RunAtStep<Result>, step: number) => Promise<void>,
): Promise<void> {
  for (let step = 1; step <= MOST_STEPS; step += 1) {
    let taken = 0;
    await test(async (action) => {
      const session = await subject.source.openToWrite(subject.project);
      subject.beforeStep(async () => {
        taken += 1;
        if (taken === step) await action();
      });
      try {
        return await write(session);
      } finally {
        subject.beforeStep(null);
        await session.close();
      }
    }, step);
    if (taken >= step) continue;
    assert.ok(step > 1, "the write took no step");
    return;
  }
  assert.fail(`the write took more than ${MOST_STEPS} steps`);
}

/**
 * Runs a write whose process is killed before one of its steps: this step and all later ones fail. Resolves to false when the write
 * has fewer steps.
 */
export async function killedAt(
  subject: ProjectWriteSubject,
  step: number,
  write: (session: ProjectWriteSession) => Promise<unknown>,
): Promise<boolean> {
  const session = await subject.source.openToWrite(subject.project);
  let taken = 0;
  subject.beforeStep(() => {
    taken += 1;
    if (taken >= step) throw new Error("killed");
  });
  await write(session).catch(() => {});
  subject.beforeStep(null);
  await session.close().catch(() => {});
  return taken >= step;
}

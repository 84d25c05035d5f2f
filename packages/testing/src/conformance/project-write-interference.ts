import assert from "node:assert/strict";
import type { ProjectWriteSession, Written } from "@infrajet/github/adapters";
import { type ConformanceCase, conformanceCase } from "./conformance-case.js";
import { bytes } from "./project-session.js";
import { ONE_OF_EACH, PATH, WRITES, type Write } from "./project-write-kinds.js";
import {
  assertOutcome,
  atEachStep,
  attempt,
  killedAt,
  OPERATION,
  type ProjectWriteSubject,
  type RunAtStep,
  seenAt,
  withWriteSession,
} from "./project-write-subject.js";

const between = (
  name: string,
  test: (subject: ProjectWriteSubject) => Promise<void>,
): ConformanceCase<ProjectWriteSubject> => conformanceCase(name, test);

const KEPT = /^\.infrajet\/kept\/42(?:\.\d+)?\/dir\/main\.tf$/;

/** Gives the project the files that the write expects. */
async function reset(subject: ProjectWriteSubject, { before }: Write): Promise<void> {
  subject.beforeStep(null);
  if ((await leftovers(subject)).length > 0) {
    await withWriteSession(subject, (session) => session.tidy(OPERATION, [PATH]));
  }
  await attempt(() => subject.removeDirectory("dir"));
  await attempt(() => subject.removeDirectory(".infrajet"));
  await subject.write("dir/beside.tf", bytes("beside"));
  if (before !== null) await subject.write(PATH, bytes(before));
}

/** Runs a test for each write, and within it for each of its steps. */
async function atEachStepOf(
  writes: readonly Write[],
  subject: ProjectWriteSubject,
  test: (write: Write, run: RunAtStep<Written>) => Promise<void>,
  signalOf: () => AbortSignal | undefined = () => undefined,
): Promise<void> {
  for (const write of writes) {
    const start = (session: ProjectWriteSession): Promise<Written> => write.run(session, signalOf());
    await atEachStep(subject, start, async (run, step) => {
      await reset(subject, write);
      try {
        await test(write, run);
      } catch (error) {
        throw new Error(`${write.name}, step ${step}: ${String(error)}`, { cause: error });
      }
    });
  }
}

/** Asserts that the storage contains the path with one of the texts, the file beside it, and kept versions, but nothing else. */
async function assertWhole(subject: ProjectWriteSubject, ...texts: readonly (string | null)[]): Promise<string | null> {
  const stored = await subject.stored();
  assert.deepEqual(await leftovers(subject), []);
  assert.equal(stored.get("dir/beside.tf"), "beside");
  const text = stored.get(PATH) ?? null;
  assert.ok(texts.includes(text), `the file has the content ${JSON.stringify(text)}`);
  return text;
}

/** Asserts that the replaced version of a write is kept, if the write asked for that. */
async function assertKept(subject: ProjectWriteSubject, { isKept, before }: Write): Promise<void> {
  const kept = [...(await subject.stored())].filter(([path]) => KEPT.test(path)).map(([, text]) => text);
  assert.equal(before !== null && kept.includes(before), isKept, `kept: ${JSON.stringify(kept)}`);
}

/** Returns the files that listings hide, and the locked ones, sorted. */
async function leftovers(subject: ProjectWriteSubject): Promise<readonly string[]> {
  const isRegular = (path: string): boolean => path === PATH || path === "dir/beside.tf" || KEPT.test(path);
  return [...(await subject.stored()).keys()].filter((path) => !isRegular(path)).sort();
}

/** Asserts that a reader saw the old version, the new one, or that the directory is being changed. */
function assertSeen({ before, after }: Write, seen: string | null): void {
  assert.ok([before, after, "source_changed"].includes(seen), `the reader saw ${JSON.stringify(seen)}`);
}

/** Kills the process of a write before a step. Resolves to false when the write has fewer steps. */
async function killed(subject: ProjectWriteSubject, write: Write, step: number): Promise<boolean> {
  await reset(subject, write);
  return killedAt(subject, step, (session) => write.run(session));
}

/** Runs a test for each step of each write at which its process can be killed. */
async function afterEachKill(
  writes: readonly Write[],
  subject: ProjectWriteSubject,
  test: (write: Write) => Promise<void>,
): Promise<void> {
  for (const write of writes) {
    for (let step = 1; await killed(subject, write, step); step += 1) {
      try {
        await test(write);
      } catch (error) {
        throw new Error(`${write.name}, killed at step ${step}: ${String(error)}`, { cause: error });
      }
    }
  }
}

const interferenceCases: readonly ConformanceCase<ProjectWriteSubject>[] = [
  between("a user's edit at any step of a write survives", async (subject) => {
    await atEachStepOf(WRITES, subject, async (write, run) => {
      let isEdited = false;
      const written = await run(async () => {
        isEdited = await attempt(() => subject.write(PATH, bytes("mine")));
      });
      assertOutcome(written, "written", "moved", "busy");
      await assertWhole(subject, isEdited ? "mine" : write.after);
      if (written.outcome === "written" && write.isKept) await assertKept(subject, write);
    });
  }),

  between("a user's deletion at any step of a write does not bring the old version back", async (subject) => {
    await atEachStepOf(ONE_OF_EACH, subject, async (write, run) => {
      let isDeleted = false;
      const written = await run(async () => {
        if ((await subject.stored()).has(PATH)) isDeleted = await attempt(() => subject.removeFile(PATH));
      });
      assertOutcome(written, "written", "moved", "busy");
      const text = await assertWhole(subject, null, write.after);
      if (written.outcome === "written") await assertKept(subject, write);
      else if (isDeleted) assert.equal(text, null);
    });
  }),

  between("a file that a user renames at any step of a write keeps its content", async (subject) => {
    await atEachStepOf(ONE_OF_EACH, subject, async (write, run) => {
      let isRenamed = false;
      const written = await run(async () => {
        isRenamed = await attempt(() => subject.rename(PATH, "dir/renamed.tf"));
      });
      assertOutcome(written, "written", "moved", "busy");
      if (isRenamed) {
        const text = (await subject.stored()).get("dir/renamed.tf") ?? null;
        assert.ok(text !== null && [write.before, write.after].includes(text), `renamed: ${text}`);
        await subject.removeFile("dir/renamed.tf");
      }
      await assertWhole(subject, null, write.after);
      if (written.outcome === "written") await assertKept(subject, write);
    });
  }),

  between("a directory that a user creates at any step of a write stays", async (subject) => {
    await atEachStepOf(ONE_OF_EACH, subject, async (write, run) => {
      let isCreated = false;
      const written = await run(async () => {
        if (write.before !== null) await attempt(() => subject.removeFile(PATH));
        isCreated = await attempt(() => subject.write(`${PATH}/file`, bytes("mine")));
      });
      assertOutcome(written, "written", "moved", "busy");
      if (!isCreated) return;
      assert.equal((await subject.stored()).get(`${PATH}/file`), "mine");
      await subject.removeDirectory(PATH);
      await assertWhole(subject, null);
    });
  }),

  between("a user who deletes the directory at any step of a write gets no half file", async (subject) => {
    await atEachStepOf(ONE_OF_EACH, subject, async (write, run) => {
      await run(async () => void (await attempt(() => subject.removeDirectory("dir")))).catch(() => {});
      await withWriteSession(subject, (session) => session.tidy(OPERATION, [PATH]));
      const text = await seenAt(subject, PATH);
      assert.ok(text === null || text === write.after, `the file has the content ${JSON.stringify(text)}`);
    });
  }),

  between("a reader at any step of a write sees all of the old or all of the new version", async (subject) => {
    await atEachStepOf(ONE_OF_EACH, subject, async (write, run) => {
      let seen: string | null = write.before;
      const written = await run(async () => {
        seen = await seenAt(subject, PATH);
      });
      assertOutcome(written, "written");
      assertSeen(write, seen);
      await assertWhole(subject, write.after);
      await assertKept(subject, write);
    });
  }),

  between("a signal that is aborted at any step of a write leaves the old or the new version", async (subject) => {
    let controller = new AbortController();
    await atEachStepOf(
      ONE_OF_EACH,
      subject,
      async (write, run) => {
        controller = new AbortController();
        const outcome = await run(() => controller.abort(new Error("stopped"))).catch((error: unknown) => {
          assert.match(String(error), /stopped/);
          return null;
        });
        if (outcome !== null) assertOutcome(outcome, "written");
        await assertWhole(subject, outcome === null ? write.before : write.after);
      },
      () => controller.signal,
    );
  }),

  between("a write at one step of which the storage fails leaves the old or the new version", async (subject) => {
    await atEachStepOf(ONE_OF_EACH, subject, async (write, run) => {
      const written = await run(() => {
        throw new Error("the storage failed");
      }).catch(() => null);
      const seen = await seenAt(subject, PATH);
      assertSeen(write, seen);
      if (written?.outcome === "written") assert.equal(seen, write.after);
      await withWriteSession(subject, (session) => session.tidy(OPERATION, [PATH]));
      await assertWhole(subject, write.before, write.after);
    });
  }),
];

const crashCases: readonly ConformanceCase<ProjectWriteSubject>[] = [
  between("a process that is killed at any step of a write leaves the old or the new version", async (subject) => {
    await afterEachKill(WRITES, subject, async (write) => {
      assertSeen(write, await seenAt(subject, PATH));
      await withWriteSession(subject, async (session) => {
        await session.tidy(OPERATION, [PATH]);
        const text = await assertWhole(subject, write.before, write.after);
        await session.tidy(OPERATION, [PATH]);
        assert.equal(await assertWhole(subject, write.before, write.after), text);
        assertOutcome(await write.run(session), text === write.before ? "written" : "moved");
      });
      await assertWhole(subject, write.after);
      await assertKept(subject, write);
    });
  }),

  between("tidy keeps what a user wrote after the process was killed", async (subject) => {
    await afterEachKill(ONE_OF_EACH, subject, async (write) => {
      const isEdited = await attempt(() => subject.write(PATH, bytes("mine")));
      await withWriteSession(subject, (session) => session.tidy(OPERATION, [PATH]));
      if (isEdited) await assertWhole(subject, "mine");
      else await assertWhole(subject, write.before, write.after);
    });
  }),

  between("tidy that is killed at any step is finished by the next one", async (subject) => {
    const tidy = (session: ProjectWriteSession): Promise<void> => session.tidy(OPERATION, [PATH]);
    for (const write of ONE_OF_EACH) {
      const tested = new Set<string>();
      for (let step = 1; await killed(subject, write, step); step += 1) {
        const left = (await leftovers(subject)).join();
        if (left === "" || tested.has(left)) continue;
        tested.add(left);
        for (let tidied = 1; await killedAt(subject, tidied, tidy); tidied += 1) {
          assertSeen(write, await seenAt(subject, PATH));
          await withWriteSession(subject, tidy);
          await assertWhole(subject, write.before, write.after);
          await killed(subject, write, step);
        }
      }
    }
  }),
];

/** The cases in which a user, a reader or a crash comes between two steps of a write. */
export const projectWriteInterferenceConformance: readonly ConformanceCase<ProjectWriteSubject>[] = [
  ...interferenceCases,
  ...crashCases,
];

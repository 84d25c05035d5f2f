import assert from "node:assert/strict";
import type { NewContent } from "@infrajet/github/adapters";
import { assertFails, type ConformanceCase, conformanceCase, race } from "./conformance-case.js";
import { bytes } from "./project-session.js";
import {
  ASIDE,
  assertOutcome,
  assertStored,
  contentOf,
  DROP,
  expectedOf,
  OPERATION,
  type ProjectWriteSubject,
  textAt,
  withWriteSession,
} from "./project-write-subject.js";

const sink = (
  name: string,
  test: (subject: ProjectWriteSubject) => Promise<void>,
): ConformanceCase<ProjectWriteSubject> => conformanceCase(name, test);

/** The cases about concurrent writes, aborted signals, closed sessions and `tidy`. */
export const projectWriteSessionConformance: readonly ConformanceCase<ProjectWriteSubject>[] = [
  sink("of racing sessions exactly one replaces a version, and one writes a new file", async (subject) => {
    await subject.write("old", bytes("old"));
    const outcomes = await race(6, (caller) =>
      withWriteSession(subject, async (session) => {
        const options = { operation: `${caller}/1`, keep: "drop" } as const;
        return Promise.all([
          session.replace("old", contentOf(`by ${caller}`), expectedOf("old"), options),
          session.replace("dir/new", contentOf(`by ${caller}`), "absent", options),
        ]);
      }),
    );
    for (const [index, path] of ["old", "dir/new"].entries()) {
      const winners = outcomes.flatMap((written, caller) => (written[index]?.outcome === "written" ? [caller] : []));
      assert.equal(winners.length, 1, JSON.stringify(outcomes));
      assert.equal(await textAt(subject, path), `by ${winners[0]}`);
    }
    await assertStored(subject, "dir/new", "old");
  }),

  sink("a session writes and removes many files at the same time", async (subject) => {
    const names = Array.from({ length: 24 }, (_, index) => `dir-${index % 3}/file-${index}`);
    for (const path of names) await subject.write(path, bytes(path));
    await withWriteSession(subject, async (session) => {
      const written = await Promise.all(
        names.flatMap((path) => [
          session.remove(path, expectedOf(path), DROP),
          session.replace(`${path}.new`, contentOf(path), "absent", DROP),
        ]),
      );
      for (const outcome of written) assertOutcome(outcome, "written");
    });
    await assertStored(subject, ...names.map((path) => `${path}.new`));
  }),

  sink("openToWrite, replace and remove reject with the reason of an aborted signal", async (subject) => {
    await subject.write("old", bytes("old"));
    const signal = AbortSignal.abort(new Error("stopped"));
    await assert.rejects(subject.source.openToWrite(subject.project, { signal }), /stopped/);
    await withWriteSession(subject, async (session) => {
      const options = { ...DROP, signal };
      await assert.rejects(session.replace("new", contentOf("new"), "absent", options), /stopped/);
      await assert.rejects(session.remove("old", expectedOf("old"), options), /stopped/);
      const controller = new AbortController();
      const content: NewContent = {
        ...contentOf("new content"),
        async *bytes() {
          yield bytes("new ");
          controller.abort(new Error("stopped"));
          yield bytes("content");
        },
      };
      const during = { ...DROP, signal: controller.signal };
      await assert.rejects(session.replace("old", content, expectedOf("old"), during), /stopped/);
    });
    assert.equal(await textAt(subject, "old"), "old");
    await assertStored(subject, "old");
  }),

  sink("a closed session fails with source_unavailable", async (subject) => {
    await subject.write("old", bytes("old"));
    const session = await subject.source.openToWrite(subject.project);
    await session.close();
    await assertFails(session.replace("new", contentOf("new"), "absent", DROP), "source_unavailable");
    await assertFails(session.remove("old", expectedOf("old"), DROP), "source_unavailable");
    await assertFails(session.tidy(OPERATION, ["old"]), "source_unavailable");
    await assertStored(subject, "old");
  }),

  sink("tidy leaves files alone that no write of the operation left behind", async (subject) => {
    await subject.write("dir/mine", bytes("mine"));
    await withWriteSession(subject, async (session) => {
      assertOutcome(await session.replace("dir/new", contentOf("new"), "absent", ASIDE), "written");
      for (const operation of [OPERATION, "7/1"]) {
        await session.tidy(operation, ["dir/mine", "dir/new", "dir", "missing", "missing/too"]);
      }
      await session.tidy(OPERATION, []);
    });
    await assertStored(subject, "dir/mine", "dir/new");
  }),
];

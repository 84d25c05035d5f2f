import assert from "node:assert/strict";
import { type ConformanceCase, conformanceCase } from "./conformance-case.js";
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
import { ODD_NAMES } from "./samples.js";

const sink = (
  name: string,
  test: (subject: ProjectWriteSubject) => Promise<void>,
): ConformanceCase<ProjectWriteSubject> => conformanceCase(name, test);

/** The cases about names, traversal and links. */
export const projectWritePathConformance: readonly ConformanceCase<ProjectWriteSubject>[] = [
  sink("writes refuse paths that leave the project or are reserved", async (subject) => {
    const paths = ["", "/a", "a/", "a//b", ".", "..", "../a", "a/../../b", "a/./b", "a\0b", ".infrajet/kept/42/a"];
    await withWriteSession(subject, async (session) => {
      for (const path of paths) {
        assert.ok(session.traits.refuses(path) !== null, `${JSON.stringify(path)} is not refused`);
        assertOutcome(await session.replace(path, contentOf("new"), "absent", DROP), "unsupported");
        assertOutcome(await session.remove(path, expectedOf("old"), DROP), "unsupported");
      }
      await session.tidy(OPERATION, paths);
    });
    await assertStored(subject);
  }),

  sink(
    "writes support unusual names, and those with dots at the end, unless the source refuses them",
    async (subject) => {
      const names = [
        ...ODD_NAMES,
        "dots..",
        "...",
        "space ",
        "colon:name",
        "back\\slash",
        "star*",
        "nul",
        "a".repeat(255),
      ];
      await withWriteSession(subject, async (session) => {
        for (const path of [...names, ...names.map((name) => `dir ${name}/${name}`)]) {
          const isRefused = session.traits.refuses(path) !== null;
          const written = await session.replace(path, contentOf(path), "absent", DROP);
          assertOutcome(written, isRefused ? "unsupported" : "written");
          if (isRefused) continue;
          assert.equal(await textAt(subject, path), path);
          assertOutcome(await session.remove(path, expectedOf(path), ASIDE), "written");
          assert.equal(await textAt(subject, path), null);
        }
      });
    },
  ),

  sink("writes tell names apart as the traits say", async (subject) => {
    const twins = [
      { first: "Main.tf", second: "main.tf", areTwo: "caseSensitive" },
      { first: "Caf\u00e9", second: "Cafe\u0301", areTwo: "unicodeExact" },
    ] as const;
    await withWriteSession(subject, async (session) => {
      for (const { first, second, areTwo } of twins) {
        assertOutcome(await session.replace(first, contentOf("first"), "absent", DROP), "written");
        const written = await session.replace(second, contentOf("second"), "absent", DROP);
        assertOutcome(written, session.traits[areTwo] ? "written" : "moved");
        assert.equal(await textAt(subject, first), "first");
      }
    });
  }),

  sink("writes never follow a link in a parent directory", async (subject) => {
    if (!subject.modes.includes("120000")) return;
    await subject.write("real/a.tf", bytes("mine"));
    await subject.write("link", bytes("real"), "120000");
    await withWriteSession(subject, async (session) => {
      assertOutcome(await session.replace("link/a.tf", contentOf("new"), expectedOf("mine"), DROP), "moved");
      assertOutcome(await session.replace("link/b.tf", contentOf("new"), "absent", DROP), "moved");
      assertOutcome(await session.remove("link/a.tf", expectedOf("mine"), DROP), "moved");
      await session.tidy(OPERATION, ["link/a.tf", "link/b.tf"]);
    });
    await assertStored(subject, "link", "real/a.tf");
  }),

  sink("replace and remove treat a link itself as the file", async (subject) => {
    if (!subject.modes.includes("120000")) return;
    await subject.write("real", bytes("mine"));
    await subject.write("first", bytes("real"), "120000");
    await subject.write("second", bytes("real"), "120000");
    await withWriteSession(subject, async (session) => {
      assertOutcome(await session.replace("first", contentOf("new"), expectedOf("mine"), DROP), "moved");
      assertOutcome(await session.replace("first", contentOf("new"), expectedOf("real"), ASIDE), "written");
      assertOutcome(await session.remove("second", expectedOf("real"), ASIDE), "written");
    });
    assert.equal(await textAt(subject, "real"), "mine");
    assert.equal(await textAt(subject, "first"), "new");
    await assertStored(subject, ".infrajet/kept/42/first", ".infrajet/kept/42/second", "first", "real");
  }),
];

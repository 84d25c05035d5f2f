import assert from "node:assert/strict";
import type { FileMode, NewContent } from "@infrajet/github/adapters";
import { assertFails, type ConformanceCase, conformanceCase } from "./conformance-case.js";
import { bytes, find, listed, summary, withSession } from "./project-session.js";
import { projectWriteInterferenceConformance } from "./project-write-interference.js";
import { projectWritePathConformance } from "./project-write-paths.js";
import { projectWriteSessionConformance } from "./project-write-sessions.js";
import {
  ASIDE,
  assertOutcome,
  assertStored,
  contentOf,
  DROP,
  expectedOf,
  type ProjectWriteSubject,
  textAt,
  withWriteSession,
} from "./project-write-subject.js";

const sink = (
  name: string,
  test: (subject: ProjectWriteSubject) => Promise<void>,
): ConformanceCase<ProjectWriteSubject> => conformanceCase(name, test);

const replaceCases: readonly ConformanceCase<ProjectWriteSubject>[] = [
  sink("openToWrite fails with project_not_found for a missing project", async ({ source, missing }) => {
    await assertFails(source.openToWrite(missing), "project_not_found");
  }),

  sink("replace writes a file where nothing is, and creates its directories", async (subject) => {
    await withWriteSession(subject, async (session) => {
      for (const path of ["main.tf", "modules/network/main.tf", "modules/network/empty"]) {
        const text = path.endsWith("empty") ? "" : path;
        assertOutcome(await session.replace(path, contentOf(text), "absent", DROP), "written");
        assert.equal(await textAt(subject, path), text);
      }
    });
    await assertStored(subject, "main.tf", "modules/network/main.tf", "modules/network/empty");
  }),

  sink("replace with `absent` answers moved where a file or a directory is", async (subject) => {
    await subject.write("file", bytes("mine"));
    await subject.makeDirectory("empty");
    await subject.write("directory/file", bytes("mine"));
    await withWriteSession(subject, async (session) => {
      for (const path of ["file", "empty", "directory"]) {
        assertOutcome(await session.replace(path, contentOf("new"), "absent", DROP), "moved");
      }
    });
    assert.equal(await textAt(subject, "file"), "mine");
    await assertStored(subject, "directory/file", "file");
  }),

  sink("replace writes over the expected version, by its tag or by its content", async (subject) => {
    await subject.write("dir/main.tf", bytes("old 0"));
    await withWriteSession(subject, async (session) => {
      let tag = "";
      await withSession(subject, async (reader) => {
        tag = (await find(reader, "dir/main.tf")).versionTag ?? "";
      });
      for (const [index, versionTag] of [tag, null, "another tag"].entries()) {
        const next = contentOf(`old ${index + 1}`);
        const written = await session.replace("dir/main.tf", next, expectedOf(`old ${index}`, versionTag), DROP);
        assertOutcome(written, "written");
      }
    });
    assert.equal(await textAt(subject, "dir/main.tf"), "old 3");
    await assertStored(subject, "dir/main.tf");
  }),

  sink("replace answers moved for another content, a missing file and a directory", async (subject) => {
    await subject.write("changed", bytes("mine"));
    await subject.write("longer", bytes("mine, longer"));
    await subject.write("directory/file", bytes("mine"));
    await withWriteSession(subject, async (session) => {
      for (const path of ["changed", "longer", "directory", "missing", "missing/too", "changed/below"]) {
        assertOutcome(await session.replace(path, contentOf("new"), expectedOf("base"), DROP), "moved");
      }
      assertOutcome(await session.replace("changed/below", contentOf("new"), "absent", DROP), "moved");
    });
    assert.equal(await textAt(subject, "changed"), "mine");
    await assertStored(subject, "changed", "directory/file", "longer");
  }),

  sink("replace returns the tag of the written version, or null", async (subject) => {
    await withWriteSession(subject, async (session) => {
      const written = await session.replace("a.tf", contentOf("one"), "absent", DROP);
      assert.ok(written.outcome === "written");
      await withSession(subject, async (reader) => {
        const { versionTag } = await find(reader, "a.tf");
        if (written.versionTag !== null) assert.equal(versionTag, written.versionTag);
      });
      const next = await session.replace("a.tf", contentOf("two"), expectedOf("one", written.versionTag), DROP);
      assert.ok(next.outcome === "written");
      assert.ok(next.versionTag === null || next.versionTag !== written.versionTag);
    });
  }),

  sink("replace keeps the replaced versions of a sync aside, each under a name of its own", async (subject) => {
    await subject.write("dir/a.tf", bytes("version 0"));
    await withWriteSession(subject, async (session) => {
      for (const [index, operation] of ["42/1", "42/2", "43/1"].entries()) {
        const options = { operation, keep: "aside" } as const;
        const next = contentOf(`version ${index + 1}`);
        assertOutcome(await session.replace("dir/a.tf", next, expectedOf(`version ${index}`), options), "written");
      }
    });
    assert.equal(await textAt(subject, ".infrajet/kept/42/dir/a.tf"), "version 0");
    assert.equal(await textAt(subject, ".infrajet/kept/42.2/dir/a.tf"), "version 1");
    assert.equal(await textAt(subject, ".infrajet/kept/43/dir/a.tf"), "version 2");
    assert.equal(await textAt(subject, "dir/a.tf"), "version 3");
  }),

  sink("replace writes nothing when the bytes do not have the announced ID", async (subject) => {
    await subject.write("old", bytes("old"));
    const wrong = ["other!", "short", "too long"];
    await withWriteSession(subject, async (session) => {
      for (const text of wrong) {
        const content = { ...contentOf("right!"), bytes: () => contentOf(text).bytes() };
        await assertFails(session.replace("new", content, "absent", DROP), "internal_error");
        await assertFails(session.replace("old", content, expectedOf("old"), ASIDE), "internal_error");
      }
    });
    assert.equal(await textAt(subject, "old"), "old");
    await assertStored(subject, "old");
  }),

  sink("replace throws the error of the content and writes nothing", async (subject) => {
    await subject.write("old", bytes("old"));
    const content: NewContent = {
      ...contentOf("new content"),
      async *bytes() {
        yield bytes("new ");
        throw new Error("connection reset");
      },
    };
    await withWriteSession(subject, async (session) => {
      await assert.rejects(session.replace("new", content, "absent", DROP), /connection reset/);
      await assert.rejects(session.replace("old", content, expectedOf("old"), DROP), /connection reset/);
    });
    assert.equal(await textAt(subject, "old"), "old");
    await assertStored(subject, "old");
  }),

  sink("replace writes and compares large files whole", async (subject) => {
    const [first, second] = ["first", "second"].map((word) => `${word}\n`.repeat(750_000));
    assert.ok(first !== undefined && second !== undefined);
    const large = (text: string): NewContent => ({
      ...contentOf(text),
      async *bytes() {
        const content = bytes(text);
        for (let start = 0; start < content.length; start += 70_001) yield content.subarray(start, start + 70_001);
      },
    });
    await withWriteSession(subject, async (session) => {
      assertOutcome(await session.replace("large", large(first), "absent", DROP), "written");
      assertOutcome(await session.replace("large", large(second), expectedOf(first), ASIDE), "written");
    });
    assert.ok((await textAt(subject, "large")) === second);
    assert.ok((await textAt(subject, ".infrajet/kept/42/large")) === first);
  }),

  sink("replace stores the modes that the source has, and refuses links that it cannot store", async (subject) => {
    await withWriteSession(subject, async (session) => {
      const { modes, links } = session.traits;
      assert.equal(modes, subject.modes.includes("100755"));
      assert.equal(links, subject.modes.includes("120000"));
      const written: readonly FileMode[] = [
        "100644",
        "100755",
        "100644",
        ...(links ? (["120000", "100755"] as const) : []),
      ];
      for (const [index, mode] of written.entries()) {
        const when = index === 0 ? "absent" : expectedOf(`target ${index - 1}`);
        assertOutcome(await session.replace("file", contentOf(`target ${index}`, mode), when, DROP), "written");
        await withSession(subject, async (reader) => {
          const file = await find(reader, "file");
          if (modes) assert.equal(file.mode, mode);
        });
        assert.equal(await textAt(subject, "file"), `target ${index}`);
      }
      const refused = await session.replace("link", contentOf("target", "120000"), "absent", DROP);
      assertOutcome(refused, links ? "written" : "unsupported");
    });
  }),
];

const removeCases: readonly ConformanceCase<ProjectWriteSubject>[] = [
  sink("remove removes the expected version and the directories that it leaves empty", async (subject) => {
    await subject.write("a/b/c/one.tf", bytes("one"));
    await subject.write("a/two.tf", bytes("two"));
    await withWriteSession(subject, async (session) => {
      assert.deepEqual(await session.remove("a/b/c/one.tf", expectedOf("one"), DROP), {
        outcome: "written",
        versionTag: null,
      });
      await withSession(subject, async (reader) => assert.deepEqual(await summary(reader, "a"), ["file a/two.tf 3"]));
      assertOutcome(await session.remove("a/two.tf", expectedOf("two"), DROP), "written");
    });
    await withSession(subject, async (reader) => assert.deepEqual(await listed(reader, ""), []));
    await assertStored(subject);
  }),

  sink("remove answers moved for another content, a missing file and a directory", async (subject) => {
    await subject.write("changed", bytes("mine"));
    await subject.write("directory/file", bytes("mine"));
    await withWriteSession(subject, async (session) => {
      for (const path of ["changed", "directory", "missing", "missing/too", "changed/below"]) {
        assertOutcome(await session.remove(path, expectedOf("base"), DROP), "moved");
      }
    });
    assert.equal(await textAt(subject, "changed"), "mine");
    await assertStored(subject, "changed", "directory/file");
  }),

  sink("remove keeps the removed version aside", async (subject) => {
    await subject.write("dir/a.tf", bytes("mine"));
    await withWriteSession(subject, async (session) => {
      assertOutcome(await session.remove("dir/a.tf", expectedOf("mine"), ASIDE), "written");
    });
    assert.equal(await textAt(subject, "dir/a.tf"), null);
    assert.equal(await textAt(subject, ".infrajet/kept/42/dir/a.tf"), "mine");
    await assertStored(subject, ".infrajet/kept/42/dir/a.tf");
  }),
];

/** The conformance cases for `ProjectFiles.openToWrite`. */
export const projectWriteConformance: readonly ConformanceCase<ProjectWriteSubject>[] = [
  ...replaceCases,
  ...removeCases,
  ...projectWritePathConformance,
  ...projectWriteSessionConformance,
  ...projectWriteInterferenceConformance,
];

import assert from "node:assert/strict";
import type { FileMode, ProjectFiles, ProjectKey } from "@infrajet/github/adapters";
import { assertFails, type ConformanceCase, type ConformanceSubject, conformanceCase } from "./conformance-case.js";
import { bytes, find, listed, read, summary, withSession } from "./project-session.js";
import { ODD_NAMES } from "./samples.js";

/** A source with one empty project, and functions that change the project from outside. */
export interface ProjectFilesSubject extends ConformanceSubject {
  readonly source: ProjectFiles;
  readonly project: ProjectKey;
  /** A project that does not exist in the source. */
  readonly missing: ProjectKey;
  /** The file modes that the source supports; `["100644"]` or empty for a source without modes. */
  readonly modes: readonly FileMode[];
  /** Writes a file and creates its directories. The content of a symbolic link is its target. */
  write(path: string, content: Uint8Array, mode?: FileMode): Promise<void> | void;
  makeDirectory(path: string): Promise<void> | void;
  removeFile(path: string): Promise<void> | void;
  /** Removes a directory with everything in it. */
  removeDirectory(path: string): Promise<void> | void;
}

const source = (
  name: string,
  test: (subject: ProjectFilesSubject) => Promise<void>,
): ConformanceCase<ProjectFilesSubject> => conformanceCase(name, test);

/** The conformance cases for `ProjectFiles`. */
export const projectFilesConformance: readonly ConformanceCase<ProjectFilesSubject>[] = [
  source("list returns no entries for an empty project", async (subject) => {
    await withSession(subject, async (session) => assert.deepEqual(await listed(session, ""), []));
  }),

  source("open fails with project_not_found for a missing project", async ({ source, missing }) => {
    await assertFails(source.open(missing), "project_not_found");
  }),

  source("list returns each direct child of a directory once", async (subject) => {
    for (const path of ["a.tf", "dir/b.tf", "dir/sub/c.tf", "dir/sub/deep/d.tf", "other/e.tf"]) {
      await subject.write(path, bytes(path));
    }
    await withSession(subject, async (session) => {
      assert.deepEqual(await summary(session, ""), ["dir/", "file a.tf 4", "other/"]);
      assert.deepEqual(await summary(session, "dir"), ["dir/sub/", "file dir/b.tf 8"]);
      assert.deepEqual(await summary(session, "dir/sub"), ["dir/sub/deep/", "file dir/sub/c.tf 12"]);
      assert.deepEqual(await summary(session, "dir/sub/deep"), ["file dir/sub/deep/d.tf 17"]);
    });
  }),

  source("list returns no entries for an empty directory", async (subject) => {
    await subject.makeDirectory("empty");
    await withSession(subject, async (session) => {
      assert.deepEqual(await summary(session, ""), ["empty/"]);
      assert.deepEqual(await listed(session, "empty"), []);
    });
  }),

  source("list fails for a missing directory instead of returning no entries", async (subject) => {
    await subject.write("dir/a.tf", bytes("a"));
    await withSession(subject, async (session) => {
      await listed(session, "");
      await assertFails(listed(session, "never"), "source_changed", "source_unavailable");
      await subject.removeDirectory("dir");
      await assertFails(listed(session, "dir"), "source_changed", "source_unavailable");
    });
  }),

  source("list returns all files of a large directory", async (subject) => {
    const names = Array.from({ length: 300 }, (_, index) => `file-${String(index).padStart(4, "0")}.tf`);
    for (const name of names) await subject.write(`many/${name}`, bytes(name));
    await withSession(subject, async (session) => {
      const paths = (await listed(session, "many")).map(({ path }) => path);
      assert.deepEqual(paths.sort(), names.map((name) => `many/${name}`).sort());
    });
  }),

  source("read returns the content of an empty file", async (subject) => {
    await subject.write("empty", new Uint8Array());
    await withSession(subject, async (session) => {
      const file = await find(session, "empty");
      assert.equal(file.size, 0);
      assert.equal((await read(session, file)).content.length, 0);
    });
  }),

  source("read returns every byte value unchanged", async (subject) => {
    const content = Uint8Array.from({ length: 1024 }, (_, index) => index % 256);
    await subject.write("bytes.bin", content);
    await withSession(subject, async (session) => {
      const file = await find(session, "bytes.bin");
      assert.equal(file.size, 1024);
      assert.deepEqual((await read(session, file)).content, content);
    });
  }),

  source("read returns a large file in several chunks", async (subject) => {
    const content = Uint8Array.from({ length: 6_000_001 }, (_, index) => (index * 31 + (index >> 12)) % 256);
    await subject.write("large.bin", content);
    await withSession(subject, async (session) => {
      const whole = await read(session, await find(session, "large.bin"));
      assert.ok(Buffer.compare(whole.content, content) === 0);
      assert.ok(whole.chunks > 1, "a large file must be returned in more than one chunk");
    });
  }),

  source("read returns chunks whose bytes do not change afterwards", async (subject) => {
    const content = Uint8Array.from({ length: 600_000 }, (_, index) => index % 253);
    await subject.write("pieces.bin", content);
    await withSession(subject, async (session) => {
      const pieces: Uint8Array[] = [];
      for await (const piece of (await session.read(await find(session, "pieces.bin"))).bytes) pieces.push(piece);
      assert.ok(Buffer.concat(pieces).equals(content));
    });
  }),

  source("list and read support unusual names of files and directories", async (subject) => {
    for (const name of ODD_NAMES) {
      await subject.write(`${name}/in ${name}`, bytes(name));
      await withSession(subject, async (session) => {
        assert.deepEqual(await listed(session, ""), [{ type: "directory", path: name }]);
        const file = await find(session, `${name}/in ${name}`);
        assert.deepEqual((await read(session, file)).content, bytes(name));
      });
      await subject.removeDirectory(name);
    }
  }),

  source("list returns the mode of a file", async (subject) => {
    for (const mode of subject.modes) await subject.write(`of-${mode}`, bytes("some/target"), mode);
    await withSession(subject, async (session) => {
      for (const mode of subject.modes) {
        const file = await find(session, `of-${mode}`);
        assert.equal(file.mode, mode);
        assert.equal(file.size, 11);
        assert.deepEqual((await read(session, file)).content, bytes("some/target"));
      }
    });
  }),

  source("list and read return the same version tag for an unchanged file", async (subject) => {
    await subject.write("a.tf", bytes("a"));
    const tags: (string | null)[] = [];
    for (let session = 0; session < 2; session += 1) {
      await withSession(subject, async (session) => {
        const file = await find(session, "a.tf");
        tags.push(file.versionTag, (await read(session, file)).versionTag);
      });
    }
    assert.ok(new Set(tags.filter((tag) => tag !== null)).size <= 1, `tags: ${tags.join(", ")}`);
  }),

  source("read never returns the same version tag for different contents", async (subject) => {
    const seen = new Map<string, string>();
    for (let version = 0; version < 20; version += 1) {
      const text = `version ${String(version % 10)}`;
      await subject.write("a.tf", bytes(text));
      await withSession(subject, async (session) => {
        const { versionTag, content } = await read(session, await find(session, "a.tf"));
        const key = `${versionTag}`;
        if (versionTag !== null) assert.equal(seen.get(key) ?? text, text);
        seen.set(key, Buffer.from(content).toString());
      });
    }
  }),

  source("read returns another version tag or fails when a file changed after the listing", async (subject) => {
    await subject.write("a.tf", bytes("before"));
    await withSession(subject, async (session) => {
      const file = await find(session, "a.tf");
      await subject.write("a.tf", bytes("after!"));
      try {
        const { versionTag, content } = await read(session, file);
        assert.deepEqual(content, bytes("after!"));
        assert.ok(file.versionTag === null || versionTag !== file.versionTag);
      } catch (error) {
        await assertFails(Promise.reject(error), "source_changed");
      }
    });
  }),

  source("read fails with source_changed when a file was deleted after the listing", async (subject) => {
    await subject.write("dir/a.tf", bytes("a"));
    await subject.write("b.tf", bytes("b"));
    await withSession(subject, async (session) => {
      const [a, b] = [await find(session, "dir/a.tf"), await find(session, "b.tf")];
      await subject.removeDirectory("dir");
      await subject.removeFile("b.tf");
      await assertFails(read(session, a), "source_changed");
      await assertFails(read(session, b), "source_changed");
      assert.deepEqual(await listed(session, ""), []);
    });
  }),

  source("read supports many concurrent files", async (subject) => {
    const paths = Array.from({ length: 40 }, (_, index) => `file-${index}`);
    for (const path of paths) await subject.write(path, bytes(path.repeat(2_000)));
    await withSession(subject, async (session) => {
      const files = (await listed(session, "")).filter((entry) => entry.type === "file");
      const contents = await Promise.all(files.map(async (file) => (await read(session, file)).content));
      for (const [index, file] of files.entries()) assert.deepEqual(contents[index], bytes(file.path.repeat(2_000)));
    });
  }),

  source("close does not affect other sessions of the same project", async (subject) => {
    await subject.write("a.tf", bytes("a"));
    const [first, second] = await Promise.all([
      subject.source.open(subject.project),
      subject.source.open(subject.project),
    ]);
    await find(first, "a.tf");
    await first.close();
    assert.deepEqual((await read(second, await find(second, "a.tf"))).content, bytes("a"));
    await second.close();
  }),

  source("close resolves after failed listings and unfinished reads", async (subject) => {
    await (await subject.source.open(subject.project)).close();
    await subject.write("large.bin", new Uint8Array(2_000_000));
    const session = await subject.source.open(subject.project);
    await assertFails(listed(session, "never"), "source_changed", "source_unavailable");
    const file = await find(session, "large.bin");
    await session.read(file);
    const { bytes: begun } = await session.read(file);
    for await (const _ of begun) break;
    await session.close();
  }),

  source("open, list and read reject with the reason of an aborted signal", async (subject) => {
    await subject.write("large.bin", new Uint8Array(6_000_000));
    const stopped = AbortSignal.abort(new Error("stopped"));
    await assert.rejects(subject.source.open(subject.project, { signal: stopped }));
    await withSession(subject, async (session) => {
      const file = await find(session, "large.bin");
      await assert.rejects(listed(session, "", stopped));
      await assert.rejects(session.read(file, { signal: stopped }));
      const controller = new AbortController();
      const { bytes } = await session.read(file, { signal: controller.signal });
      await assert.rejects(async () => {
        for await (const _ of bytes) controller.abort(new Error("stopped"));
      });
    });
  }),
];

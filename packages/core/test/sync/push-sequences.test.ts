import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FileMode } from "@infrajet/github/adapters";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { cloneBare, clonedFiles } from "./cloned-files.js";
import { PROJECT, SyncFixture } from "./sync-fixture.js";

// A sequence takes a third of a second.
const SEQUENCES = Number(process.env.SEQUENCES ?? (process.env.CI === undefined ? 60 : 200));

// Some paths are folders of others: what was a file becomes a folder, and the reverse.
const OWN = ["a", "a/b", "a/b/c", "a/b/d", "e/f.sh", "e/g/h.txt", "é.txt", "z.bin"] as const;
const THEIRS = ["e/theirs.txt", "e/g/theirs.bin", "theirs/deep/file.txt", "README.md"] as const;

const content = fc.oneof(
  fc.constantFrom("", "one\n", "two\n").map((text) => Buffer.from(text)),
  fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.integer({ min: 60_000, max: 80_000 }).map((size) => Buffer.alloc(size, "long ")),
);
const mode = fc.constantFrom<FileMode>("100644", "100644", "100755", "120000");
const edit = fc.record({
  path: fc.constantFrom(...OWN),
  file: fc.option(fc.record({ content, mode }), { freq: 4 }),
});
const round = fc.record({
  edits: fc.array(edit, { maxLength: 5 }),
  theirs: fc.option(fc.record({ path: fc.constantFrom(...THEIRS), content: fc.option(content, { freq: 4 }) }), {
    freq: 2,
  }),
  writer: fc.constantFrom("push" as const, "push" as const, "push" as const, "auto" as const, "git-data" as const),
});
const sequence = fc.record({
  directory: fc.constantFrom("", "", "apps/infra"),
  rounds: fc.array(round, { minLength: 1, maxLength: 5 }),
});

/** A file as text that tells its mode and content. */
type Files = Map<string, string>;

let fixture: SyncFixture;
let scratch = "";
beforeAll(async () => {
  fixture = await SyncFixture.create();
  scratch = mkdtempSync(join(tmpdir(), "infrajet-clone-"));
});
afterAll(async () => {
  await fixture.close();
  rmSync(scratch, { recursive: true, force: true });
});

it("git verifies and clones the result of random sequences of pushed syncs", {
  timeout: 300_000 + SEQUENCES * 1_000,
}, async () => {
  const expected = new Map<string, Files>();
  await fc.assert(
    fc.asyncProperty(sequence, async ({ directory, rounds }) => {
      const branch = `sequence-${expected.size}`;
      const local: Files = new Map();
      const theirs: Files = new Map([["README.md", told("100644", Buffer.from("# infra\n"))]]);
      fixture.files.setProject(PROJECT, {});
      put("keep.txt", { content: Buffer.from("kept\n"), mode: "100644" }, local);
      for (const [index, { edits, theirs: foreign, writer }] of rounds.entries()) {
        for (const { path, file } of edits) put(path, file, local);
        if (foreign !== null && index > 0) await commitTheirs(foreign, theirs, branch);
        const record = await fixture.sync({ branch, directory, writer });
        expect(record, record.error?.message).toMatchObject({ status: "completed", conflicts: [] });
        const files = new Map([
          ...theirs,
          ...[...local].map(([path, file]) => [within(directory, path), file] as const),
        ]);
        expect(await filesOf(branch), `round ${index}`).toEqual(sorted(files));
        expected.set(branch, files);
      }
    }),
    { numRuns: SEQUENCES, ...(process.env.SEED === undefined ? {} : { seed: Number(process.env.SEED) }) },
  );
  await fixture.repository.fsck();
  expect(expected.size).toBe(SEQUENCES);
  await clonesBack(expected);
});

function put(path: string, file: { readonly content: Buffer; readonly mode: FileMode } | null, local: Files): void {
  if (file === null) {
    if (local.delete(path)) fixture.remove(path);
    return;
  }
  for (const other of [...local.keys()]) {
    if (!other.startsWith(`${path}/`) && !path.startsWith(`${other}/`)) continue;
    local.delete(other);
    fixture.remove(other);
  }
  // A link's content is a path: git's own check looks at it.
  const content = file.mode === "120000" ? Buffer.from(file.content.toString("hex").slice(0, 40) || "x") : file.content;
  local.set(path, told(file.mode, content));
  fixture.write(path, { content, mode: file.mode });
}

async function commitTheirs(
  { path, content }: { readonly path: string; readonly content: Buffer | null },
  theirs: Files,
  branch: string,
): Promise<void> {
  if (content === null && !theirs.has(path)) return;
  if (content === null) theirs.delete(path);
  else theirs.set(path, told("100644", content));
  await fixture.commit({ [path]: content }, branch);
}

async function filesOf(branch: string): Promise<Record<string, string>> {
  const files = await fixture.repository.files(branch);
  return sorted(new Map([...files].map(([path, { mode, content }]) => [path, told(mode, content)])));
}

/** Clones everything with git itself, over HTTP, and looks at some of the branches in the clone. */
async function clonesBack(expected: ReadonlyMap<string, Files>): Promise<void> {
  const clone = join(scratch, "clone.git");
  await cloneBare(fixture.server.serverUrl, "ada/infra", fixture.token, clone);
  for (const [branch, files] of [...expected].slice(0, 10)) {
    expect(sorted(await clonedFiles(clone, branch))).toEqual(sorted(files));
  }
}

function told(mode: string, content: Buffer): string {
  return `${mode} ${content.toString("base64")}`;
}

function within(directory: string, path: string): string {
  return directory === "" ? path : `${directory}/${path}`;
}

function sorted(files: Files): Record<string, string> {
  return Object.fromEntries([...files].sort());
}

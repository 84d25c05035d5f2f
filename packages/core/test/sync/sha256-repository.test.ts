import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { FileMode } from "../../src/domain/project-file.js";
import { deflateBytes, deflatedInMemory } from "../../src/git/deflated.js";
import { hashObject } from "../../src/git/object-id.js";
import { buildTrees, updateTrees } from "../../src/git/tree-builder.js";
import { tokenCredential } from "../../src/github/credential.js";
import { createGitHubClients } from "../../src/github/github-clients.js";
import type { ChangeSet } from "../../src/repository/commit-writer.js";
import { createPushWriter } from "../../src/repository/push-writer.js";
import { cloneBare, clonedCommits, clonedFiles } from "./cloned-files.js";
import { SyncFixture } from "./sync-fixture.js";

const SCRIPT = { content: "#!/bin/sh\n", mode: "100755" } as const;

let fixture: SyncFixture;
let scratch = "";
beforeEach(async () => {
  fixture = await SyncFixture.create({ empty: true, files: { "a/b.txt": "b\n", "run.sh": SCRIPT } });
  scratch = mkdtempSync(join(tmpdir(), "infrajet-sha256-"));
  makeSha256(fixture.repository.gitDir);
});
afterEach(async () => {
  await fixture.close();
  rmSync(scratch, { recursive: true });
});

/** Git's own server serves it as it is; the box's API reads SHA-1 only. */
function makeSha256(gitDir: string): void {
  const config = readFileSync(join(gitDir, "config"), "utf8").replace(/(repositoryformatversion) = 0/, "$1 = 1");
  rmSync(gitDir, { recursive: true });
  execFileSync("git", ["init", "--quiet", "--bare", "--object-format=sha256", "--initial-branch=main", gitDir]);
  writeFileSync(join(gitDir, "config"), `${config}[extensions]\n\tobjectFormat = sha256\n`);
}

it("a sync detects an empty SHA-256 repository and pushes to it", async () => {
  const record = await fixture.sync();
  expect(record).toMatchObject({ status: "completed", writer: "push" });
  expect(record.commitId).toMatch(/^[0-9a-f]{64}$/);
  const first = [file("a/b.txt", "100644", "b\n"), file("run.sh", "100755", SCRIPT.content)];
  await expectClone(1, first);

  const written = [file("a/c/d.txt", "100644", "d\n"), file("run.sh", "120000", "a/c/d.txt")];
  await push(record.commitId ?? "", first, written);
  await expectClone(2, [...first.slice(0, 1), ...written]);
});

interface File {
  readonly path: string;
  readonly entry: { readonly mode: FileMode; readonly oid: string };
  readonly content: Buffer;
}

function file(path: string, mode: FileMode, text: string): File {
  const content = Buffer.from(text);
  return { path, entry: { mode, oid: hashObject("blob", content, "sha256") }, content };
}

/** Pushes onto a commit whose files are known. */
async function push(parent: string, before: readonly File[], written: readonly File[]): Promise<void> {
  const listing = before.map(({ path, entry }) => [path, entry] as const);
  const { root: baseTree } = buildTrees(listing, "sha256");
  const changes = written.map(({ path, entry }) => [path, entry] as const);
  const updated = updateTrees({ root: baseTree, listing, changes, format: "sha256" });
  if (!updated.faithful) throw new Error("the listing is that of the tree");
  const contentOf = (oid: string): Buffer => written.find(({ entry }) => entry.oid === oid)?.content ?? Buffer.of();
  const htmlUrl = `${fixture.server.serverUrl}/ada/infra`;
  const changeSet: ChangeSet = {
    repository: { id: 1, nodeId: "R", fullName: "ada/infra", htmlUrl, isEmpty: false, defaultBranch: "main" },
    branch: "main",
    expectedHead: parent,
    parent,
    baseTree,
    writes: written.map(({ path, entry, content }) => ({ path, ...entry, size: content.length, previousMode: null })),
    deletes: [],
    message: "Change things",
    trailer: "Infrajet-Sync: 7/1",
    expectedTree: updated.root,
    missing: {
      directory: "",
      before: updated.before,
      tree: updated.root,
      trees: updated.trees,
      blobs: written.map(({ entry }) => entry.oid),
    },
    author: { name: "Ada", email: "ada@example.com" },
    requestedAuthor: null,
    date: new Date(1_700_000_000_000),
    content: async (oid) => contentOf(oid),
    deflated: async (oid) => deflatedInMemory(contentOf(oid).length, await deflateBytes(contentOf(oid))),
  };
  const clients = createGitHubClients({ apiUrl: fixture.server.apiUrl, userAgent: "test" });
  await createPushWriter({ author: null, sign: null }).write(changeSet, {
    client: clients.for(tokenCredential(fixture.token)),
    signal: new AbortController().signal,
    beforeMove: async () => {},
    onProgress: () => {},
  });
  await clients.close();
}

async function expectClone(commits: number, files: readonly File[]): Promise<void> {
  const clone = join(scratch, `${commits}.git`);
  await cloneBare(fixture.server.serverUrl, "ada/infra", fixture.token, clone);
  expect(await clonedCommits(clone, "main")).toBe(commits);
  const expected = files.map(
    ({ path, entry, content }) => [path, `${entry.mode} ${content.toString("base64")}`] as const,
  );
  expect(await clonedFiles(clone, "main")).toEqual(new Map(expected));
}

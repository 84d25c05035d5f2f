import { execFileSync } from "node:child_process";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FileMode } from "../../src/domain/project-file.js";
import type { WriterName } from "../../src/domain/sync-record.js";
import type { ErrorCode } from "../../src/errors.js";
import type { CommitWriter } from "../../src/repository/commit-writer.js";
import { createGitDataWriter } from "../../src/repository/git-data-writer.js";
import { graphqlWriter } from "../../src/repository/graphql-writer.js";
import { findLandedCommit } from "../../src/repository/landed-commit.js";
import { createPushWriter } from "../../src/repository/push-writer.js";
import { BoxedGitHub, blobId, type Change, failureOf, never } from "./boxed-github.js";

const WRITERS: readonly (readonly [WriterName, () => CommitWriter])[] = [
  ["graphql", () => graphqlWriter],
  ["git-data", createGitDataWriter],
  ["push", () => createPushWriter({ author: null, sign: null })],
];

/** Returns the request that moves the branch. */
const MOVES: Readonly<Record<WriterName, { readonly operation: string } | { readonly path: string }>> = {
  graphql: { operation: "createCommitOnBranch" },
  "git-data": { operation: "updateRefs" },
  push: { path: "POST /{owner}/{repo}.git/git-receive-pack" },
};

let github: BoxedGitHub;
beforeEach(async () => {
  github = await BoxedGitHub.start();
});
afterEach(() => github.close());

const before = {
  "README.md": "100644 hello\n",
  "docs/guide.md": "100644 guide\n",
  "run.sh": "100755 #!/bin/sh\n",
  link: "120000 README.md",
};

describe.each(WRITERS)("the writer %s", (name, makeWriter) => {
  const mixed = {
    message: "Change things\n\nWith a body.\n\nCo-authored-by: A <a@example.com>",
    writes: {
      "README.md": "hello again\n",
      "new/ümlaut.txt": "grüße 🎉\n",
      "new/empty.txt": "",
      "new/bin.dat": new Uint8Array([0, 255, 254, 1, 2, 3]),
      "new/bom.txt": "\ufeffbom\r\n",
    },
    deletes: ["docs/guide.md"],
  };

  it("makes exactly one commit with the changes and no others", async () => {
    const parent = await github.repository.head();
    const { commit, announced, progress } = await github.write(makeWriter(), await github.changeSet(mixed));
    const [top, ...older] = await github.repository.log();
    expect(top).toMatchObject({ oid: commit.commitId, parents: [parent] });
    expect(older).toHaveLength(1);
    expect(commit.url).toContain(`/octo/project/commit/${commit.commitId}`);
    expect(commit.notes).toEqual([]);
    expect(announced).toEqual([name === "graphql" ? null : commit.commitId]);
    expect(progress).toEqual([1, 2, 3, 4, 5]);
    const { "docs/guide.md": _, ...kept } = before;
    expect(await github.files()).toEqual({
      ...kept,
      "README.md": "100644 hello again\n",
      "new/ümlaut.txt": `100644 ${Buffer.from("grüße 🎉\n").toString("latin1")}`,
      "new/empty.txt": "100644 ",
      "new/bin.dat": "100644 \u0000ÿþ\u0001\u0002\u0003",
      "new/bom.txt": `100644 ${Buffer.from("\ufeffbom\r\n").toString("latin1")}`,
    });
    await github.repository.fsck();
  });

  it("throws branch_moved and changes nothing when the branch has another head", async () => {
    const changeSet = await github.changeSet(mixed);
    const moved = await github.repository.commit({ files: { "other.txt": "other" } });
    const error = await failureOf(github.write(makeWriter(), changeSet));
    expect(error.code).toBe("branch_moved");
    expect(await github.repository.head()).toBe(moved);
  });

  it("throws branch_moved and changes nothing when the branch moves right before the write", async () => {
    const changeSet = await github.changeSet(mixed);
    let moved = "";
    const context = {
      client: github.client,
      signal: never,
      beforeMove: async () => {
        moved = await github.repository.commit({ files: { "other.txt": "other" } });
      },
      onProgress: () => {},
    };
    expect((await failureOf(makeWriter().write(changeSet, context))).code).toBe("branch_moved");
    expect(await github.repository.head()).toBe(moved);
  });

  it("throws branch_moved and changes nothing when the branch was deleted", async () => {
    await github.repository.commit({ branch: "gone", files: { "a.txt": "a" } });
    const changeSet = await github.changeSet({ branch: "gone", writes: { "a.txt": "b" } });
    await github.client.request("DELETE /repos/octo/project/git/refs/heads/gone", {}, { signal: never });
    expect((await failureOf(github.write(makeWriter(), changeSet))).code).toBe("branch_moved");
    expect(await github.repository.head("gone")).toBeNull();
  });

  it("does not move the branch when beforeMove rejects", async () => {
    const changeSet = await github.changeSet(mixed);
    const context = {
      client: github.client,
      signal: never,
      beforeMove: () => Promise.reject(new Error("the lease is lost")),
      onProgress: () => {},
    };
    await expect(makeWriter().write(changeSet, context)).rejects.toThrow("the lease is lost");
    expect(await github.repository.head()).toBe(changeSet.expectedHead);
  });

  it.each<[ErrorCode, string, string]>([
    ["branch_protected", "pull_request", "oauth"],
    ["branch_protected", "update", "oauth"],
    ["branch_protected", "required_status_checks", "oauth"],
  ])("throws %s for the rule %s, and changes nothing", async (code, type) => {
    const changeSet = await github.changeSet(mixed);
    github.repository.setRules("main", [{ type }]);
    for (const status of [409, 422] as const) {
      github.box.control.ruleViolationStatus = status;
      expect((await failureOf(github.write(makeWriter(), changeSet))).code).toBe(code);
    }
    expect(await github.repository.head()).toBe(changeSet.expectedHead);
  });

  it("throws workflow_permission_missing for a workflow file without the permission", async () => {
    const changeSet = await github.changeSet({ writes: { ".github/workflows/ci.yml": "on: push\n", "a.txt": "a" } });
    for (const token of [
      { scopes: ["repo"] },
      { kind: "installation", permissions: { contents: "write", metadata: "read" } },
    ] as const) {
      const client = github.clientFor(token);
      expect((await failureOf(github.write(makeWriter(), changeSet, client))).code).toBe("workflow_permission_missing");
    }
    expect(await github.repository.head()).toBe(changeSet.expectedHead);
    await github.write(makeWriter(), changeSet);
    expect(Object.keys(await github.files())).toContain(".github/workflows/ci.yml");
  });

  it("throws for a credential that may not write or is no longer valid", async () => {
    const changeSet = await github.changeSet(mixed);
    github.repository.setPermission("reader", "read");
    const reader = github.clientFor({ login: "reader" });
    expect(["insufficient_permissions", "repository_not_found"]).toContain(
      (await failureOf(github.write(makeWriter(), changeSet, reader))).code,
    );
    const weak = github.clientFor({ kind: "installation", permissions: { contents: "read", metadata: "read" } });
    expect((await failureOf(github.write(makeWriter(), changeSet, weak))).code).toBe("insufficient_permissions");
    const over = github.clientFor({});
    github.box.revokeToken(await over.credential.token());
    expect((await failureOf(github.write(makeWriter(), changeSet, over))).code).toBe("reauth_required");
    expect(await github.repository.head()).toBe(changeSet.expectedHead);
  });

  // A push is built from the known tree, so it has no such deletion.
  it.skipIf(name === "push")("throws tree_mismatch for the deletion of a missing file", async () => {
    const changeSet = { ...(await github.changeSet({ writes: { "a.txt": "a" } })), deletes: ["nowhere.txt"] };
    expect((await failureOf(github.write(makeWriter(), changeSet))).code).toBe("tree_mismatch");
    expect(await github.repository.head()).toBe(changeSet.expectedHead);
  });

  it.each([["reset"], [{ status: 502 }], [{ status: 504 }]] as const)(
    "does not guess when the answer of the move is lost (%j): the commit can be found",
    async (respond) => {
      const changeSet = await github.changeSet(mixed);
      github.box.control.fault({ ...MOVES[name], when: "after", respond });
      const announced: (string | null)[] = [];
      const context = {
        client: github.client,
        signal: never,
        beforeMove: async (id: string | null) => void announced.push(id),
        onProgress: () => {},
      };
      expect((await failureOf(makeWriter().write(changeSet, context))).code).toBe("github_unavailable");
      expect(github.box.count(Object.values(MOVES[name])[0])).toBe(1);
      const { branch, expectedHead, trailer } = changeSet;
      const query = { branch, expectedHead, trailer, commitId: announced[0] ?? null };
      const found = await findLandedCommit(github.client, "octo/project", query, never);
      expect(found?.commitId).toBe(await github.repository.head());
      expect(await github.repository.log()).toHaveLength(2);
    },
  );
});

const PATHS = [
  "a",
  "a/b",
  "a/b/c",
  "a.b",
  "a0",
  "README.md",
  "docs/guide.md",
  "docs/x/y/z",
  "run.sh",
  "link",
  "é/ü",
] as const;
const content = fc.oneof(
  fc.constantFrom("", "one\n", "two\r\n", "\ufeffbom").map((text) => Buffer.from(text)),
  fc.uint8Array({ minLength: 1, maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
);
const tree = (mode: fc.Arbitrary<FileMode>) =>
  fc.array(fc.tuple(fc.constantFrom(...PATHS), fc.record({ content, mode })), { maxLength: 8 }).map(withoutCollisions);
const plain = fc.constant<FileMode>("100644");
const anyMode = fc.constantFrom<FileMode>("100644", "100755", "120000");

// The initial files of the repository.
const REMOVED = { "README.md": null, "docs/guide.md": null, "run.sh": null, link: null };

type Tree = ReadonlyMap<string, { readonly content: Buffer; readonly mode: FileMode }>;

const file = { content: Buffer.from("same\n"), mode: "100644" } as const;
const FOLDER_TO_FILE: [Tree, Tree] = [
  new Map([["a/b/c", file]]),
  new Map([
    ["a", file],
    ["docs/x/y/z", file],
  ]),
];

/** Removes the later of two paths if one is a directory of the other. */
function withoutCollisions(files: readonly (readonly [string, { content: Buffer; mode: FileMode }])[]): Tree {
  const kept = new Map<string, { content: Buffer; mode: FileMode }>();
  for (const [path, file] of files) {
    const collides = [...kept.keys()].some((other) => other.startsWith(`${path}/`) || path.startsWith(`${other}/`));
    if (!collides) kept.set(path, file);
  }
  return kept;
}

/** Returns the changes that turn one tree into the other. */
function changeOf(before: Tree, after: Tree): Required<Pick<Change, "writes" | "deletes">> {
  const isNew = ([path, { content, mode }]: readonly [string, { content: Buffer; mode: FileMode }]): boolean => {
    const old = before.get(path);
    return old === undefined || old.mode !== mode || !old.content.equals(content);
  };
  return {
    writes: Object.fromEntries([...after].filter(isNew)),
    deletes: [...before.keys()].filter((path) => !after.has(path)),
  };
}

/** Returns the tree that git's own index builds of files whose blobs the repository has. */
function treeByGit(files: Tree): string {
  const { gitDir } = github.repository;
  const git = (args: readonly string[], input = ""): string => {
    const env = { ...process.env, GIT_DIR: gitDir, GIT_INDEX_FILE: join(gitDir, "index-of-the-test") };
    return execFileSync("git", args, { input, env, encoding: "utf8" }).trim();
  };
  const lines = [...files].map(([path, { content, mode }]) => `${mode} ${blobId(content)}\t${path}\0`);
  git(["read-tree", "--empty"]);
  git(["update-index", "-z", "--index-info"], lines.join(""));
  return git(["write-tree"]);
}

it("all writers and git's own index build the same tree for any change between two trees", async () => {
  const taken = new Map<WriterName, number>();
  let runs = 0;
  const trees = fc.oneof(fc.tuple(tree(plain), tree(plain)), fc.tuple(tree(anyMode), tree(anyMode)));
  await fc.assert(
    fc.asyncProperty(trees, async ([before, after]) => {
      runs += 1;
      const { writes, deletes } = changeOf(before, after);
      fc.pre(Object.keys(writes).length + deletes.length > 0);
      const start = { keep: "", ...REMOVED, ...Object.fromEntries(before) };
      const ids = new Map<string, string | undefined>();
      for (const [name, makeWriter] of WRITERS) {
        const branch = `${name}-${runs}`;
        await github.repository.commit({ branch, files: start });
        const changeSet = await github.changeSet({ branch, writes, deletes });
        if (makeWriter().refusal(changeSet) !== null) continue;
        const { commit } = await github.write(makeWriter(), changeSet);
        ids.set(name, await github.repository.treeOf(commit.commitId));
        taken.set(name, (taken.get(name) ?? 0) + 1);
      }
      ids.set("git", treeByGit(new Map([...after, ["keep", { content: Buffer.of(), mode: "100644" }]])));
      expect(new Set(ids.values()).size, JSON.stringify([...ids])).toBe(1);
    }),
    { numRuns: Number(process.env.SEQUENCES ?? 8), examples: [[FOLDER_TO_FILE]] },
  );
  expect([...taken.keys()].sort()).toEqual(["git-data", "graphql", "push"]);
  await github.repository.fsck();
});

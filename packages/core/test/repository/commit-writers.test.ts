import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { WriterName } from "../../src/domain/sync-record.js";
import type { ErrorCode } from "../../src/errors.js";
import type { CommitWriter } from "../../src/repository/commit-writer.js";
import { createGitDataWriter } from "../../src/repository/git-data-writer.js";
import { graphqlWriter } from "../../src/repository/graphql-writer.js";
import { findLandedCommit } from "../../src/repository/landed-commit.js";
import { createPushWriter } from "../../src/repository/push-writer.js";
import { BoxedGitHub, failureOf, never } from "./boxed-github.js";

const WRITERS: readonly (readonly [WriterName, () => CommitWriter])[] = [
  ["graphql", () => graphqlWriter],
  ["git-data", createGitDataWriter],
  ["push", () => createPushWriter({ author: null, sign: null })],
];

/** The request that moves the branch. */
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

  it("makes exactly one commit with the changes and nothing else", async () => {
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

  it("changes nothing when the branch has another head by now", async () => {
    const changeSet = await github.changeSet(mixed);
    const moved = await github.repository.commit({ files: { "other.txt": "other" } });
    const error = await failureOf(github.write(makeWriter(), changeSet));
    expect(error.code).toBe("branch_moved");
    expect(await github.repository.head()).toBe(moved);
  });

  it("changes nothing when the branch moves right before it would", async () => {
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

  it("changes nothing when the branch is gone", async () => {
    await github.repository.commit({ branch: "gone", files: { "a.txt": "a" } });
    const changeSet = await github.changeSet({ branch: "gone", writes: { "a.txt": "b" } });
    await github.client.request("DELETE /repos/octo/project/git/refs/heads/gone", {}, { signal: never });
    expect((await failureOf(github.write(makeWriter(), changeSet))).code).toBe("branch_moved");
    expect(await github.repository.head("gone")).toBeNull();
  });

  it("does not move the branch when that is not allowed any more", async () => {
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
  ])("says %s for the rule %s, and changes nothing", async (code, type) => {
    const changeSet = await github.changeSet(mixed);
    github.repository.setRules("main", [{ type }]);
    for (const status of [409, 422] as const) {
      github.box.control.ruleViolationStatus = status;
      expect((await failureOf(github.write(makeWriter(), changeSet))).code).toBe(code);
    }
    expect(await github.repository.head()).toBe(changeSet.expectedHead);
  });

  it("says what is missing for a workflow file", async () => {
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

  it("says that the credential may not write, or is over", async () => {
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

  // What is pushed is made here, from what the branch is known to hold.
  it.skipIf(name === "push")("does not delete what is not there", async () => {
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

it("gives the same tree by any writer, and by git itself", async () => {
  const change = {
    writes: {
      "README.md": "changed\n",
      "docs/a/b/c.md": "deep\n",
      "docs-x/y.md": "sorted between\n",
      "z.bin": new Uint8Array([1, 0, 200]),
    },
    deletes: ["docs/guide.md"],
  };
  const trees = new Set<string | undefined>();
  for (const [branch, writer] of [
    ["one", graphqlWriter],
    ["two", createGitDataWriter()],
    ["push", createPushWriter({ author: null, sign: null })],
  ] as const) {
    await github.repository.commit({ branch, message: "Branch", files: { "README.md": "hello\n\n" } });
    const { commit } = await github.write(writer, await github.changeSet({ ...change, branch }));
    trees.add(await github.repository.treeOf(commit.commitId));
  }
  const files = { ...change.writes, "docs/guide.md": null };
  const byGit = await github.repository.commit({ branch: "three", files });
  trees.add(await github.repository.treeOf(byGit));
  expect(trees.size).toBe(1);
  await github.repository.fsck();
});

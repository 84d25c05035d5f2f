import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ChangeSet } from "../../src/repository/commit-writer.js";
import { graphqlWriter } from "../../src/repository/graphql-writer.js";
import { findLandedCommit } from "../../src/repository/landed-commit.js";
import { BoxedGitHub, failureOf, never } from "./boxed-github.js";

let github: BoxedGitHub;
beforeEach(async () => {
  github = await BoxedGitHub.start({ path: "/api/v3" });
});
afterEach(() => github.close());

it("graphqlWriter makes a commit that GitHub signs with one request, also on an Enterprise Server", async () => {
  const changeSet = await github.changeSet({ writes: { "a.txt": "a" } });
  github.box.resetCounters();
  const { commit } = await github.write(graphqlWriter, changeSet);
  expect(github.calls()).toEqual(["createCommitOnBranch"]);
  expect(github.box.requests[0]?.path).toBe("/api/graphql");
  expect(github.repository.verified.has(commit.commitId)).toBe(true);
});

it("graphqlWriter puts the trailer into the last paragraph of the message, where findLandedCommit finds it", async () => {
  const changeSet = await github.changeSet({
    writes: { "a.txt": "a" },
    message: "Head\n\nBody\n\nCo-authored-by: A <a@b>",
  });
  const { commit } = await github.write(graphqlWriter, changeSet);
  expect((await github.repository.log())[0]?.message).toBe(
    "Head\n\nBody\n\nCo-authored-by: A <a@b>\nInfrajet-Sync: 7/1",
  );
  const { branch, expectedHead, trailer } = changeSet;
  const query = { branch, expectedHead, trailer, commitId: null };
  expect(await findLandedCommit(github.client, "octo/project", query, never)).toEqual({
    commitId: commit.commitId,
    url: commit.url,
  });
});

it("graphqlWriter follows a renamed repository", async () => {
  const changeSet = await github.changeSet({ writes: { "a.txt": "a" } });
  github.box.renameRepository(github.repository, "renamed");
  await github.write(graphqlWriter, changeSet);
  expect(Object.keys(await github.files())).toContain("a.txt");
});

it("graphqlWriter throws github_timeout, after which the commit may exist, when GitHub times out", async () => {
  const changeSet = await github.changeSet({ writes: { "a.txt": "a" } });
  const message =
    "Something went wrong while executing your query. This may be the result of a timeout, or it could be a GitHub bug.";
  const respond = { status: 200, body: { data: null, errors: [{ message }] } };
  github.box.control.fault({ operation: "createCommitOnBranch", when: "after", respond });
  expect((await failureOf(github.write(graphqlWriter, changeSet))).code).toBe("github_timeout");
  expect(github.box.count("createCommitOnBranch")).toBe(1);
});

describe("graphqlWriter.refusal", () => {
  const limitOf = (changeSet: ChangeSet) => graphqlWriter.refusal(changeSet) ?? graphqlWriter.unsuitable(changeSet);
  const plain = { path: "a.txt", mode: "100644", oid: "1".repeat(40), size: 10, previousMode: null } as const;
  const refusalOf = async (change: Partial<ChangeSet>): Promise<string | null> =>
    limitOf({ ...(await github.changeSet({})), writes: [plain], ...change });

  it("accepts small sets of plain files", async () => {
    expect(await refusalOf({})).toBeNull();
    expect(
      await refusalOf({ writes: [{ ...plain, previousMode: "100644" }], deletes: ["b.txt", "a/b.txt"] }),
    ).toBeNull();
    const writes = Array.from({ length: 100 }, (_, index) => ({ ...plain, path: `a.txt${index}`, size: 40_000 }));
    expect(await refusalOf({ writes })).toBeNull();
  });

  it.each<[string, Partial<ChangeSet>]>([
    ["the branch does not exist", { expectedHead: null }],
    ["run.sh", { writes: [{ ...plain, path: "run.sh", mode: "100755" }] }],
    ["link", { writes: [{ ...plain, path: "link", mode: "120000" }] }],
    ["was not a plain file", { writes: [{ ...plain, previousMode: "100755" }] }],
    ["was not a plain file", { writes: [{ ...plain, previousMode: "160000" }] }],
    ["101 files", { writes: Array.from({ length: 101 }, (_, index) => ({ ...plain, path: `${index}` })) }],
    ["101 files", { deletes: Array.from({ length: 100 }, (_, index) => `${index}`) }],
    ["4.2 MB", { writes: [{ ...plain, size: 4_400_000 }] }],
    ["from a file to a directory", { writes: [{ ...plain, path: "docs/x" }], deletes: ["docs"] }],
    ["from a file to a directory", { writes: [{ ...plain, path: "docs" }], deletes: ["docs/a/b"] }],
  ])("names the reason %s for a commit that it cannot make or is not chosen for", async (reason, change) => {
    expect(await refusalOf(change)).toContain(reason);
  });

  it("rejects an empty repository", async () => {
    const { repository } = await github.changeSet({});
    expect(await refusalOf({ repository: { ...repository, isEmpty: true } })).toContain("empty");
  });
});

it("graphqlWriter throws writer_refused, for a fallback, on a server without createCommitOnBranch", async () => {
  const changeSet = await github.changeSet({ writes: { "a.txt": "a" } });
  const errors = [
    { message: "CreateCommitOnBranchInput isn't a defined input type (on $input)" },
    {
      message: "Field 'createCommitOnBranch' doesn't exist on type 'Mutation'",
      extensions: { code: "undefinedField", typeName: "Mutation", fieldName: "createCommitOnBranch" },
    },
  ];
  github.box.control.fault({
    operation: "createCommitOnBranch",
    when: "before",
    respond: { status: 200, body: { errors } },
  });
  const error = await failureOf(github.write(graphqlWriter, changeSet));
  expect(error.code).toBe("writer_refused");
  expect(graphqlWriter.fallsBackOn.has(error.code)).toBe(true);
});

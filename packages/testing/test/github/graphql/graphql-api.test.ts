import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type BoxRepository, createGitHubBox, type GitHubBox } from "../../../src/index.js";
import { type Api, type ApiResponse, apiClient, graphql } from "../api-client.js";
import * as queries from "./queries.js";

let box: GitHubBox;
let api: Api;
let repository: BoxRepository;
let head: string;
let number = 0;
const ZERO = "0".repeat(40);

beforeAll(async () => {
  box = await createGitHubBox();
  api = apiClient(box, box.addToken({ login: "octocat" }));
});
beforeEach(async () => {
  number += 1;
  repository = await box.createRepository({ owner: "octocat", name: `r${number}` });
  head = await repository.commit({ files: { "a.txt": "a", "run.sh": { content: "#!/bin/sh\n", mode: "100755" } } });
});
afterAll(() => box.close());

async function createCommit(input: Record<string, unknown> = {}, client = api): Promise<ApiResponse> {
  return graphql(client, queries.CREATE_COMMIT, {
    input: {
      branch: { repositoryNameWithOwner: repository.fullName, branchName: "main" },
      expectedHeadOid: head,
      message: { headline: "Change", body: "For a reason" },
      ...input,
    },
  });
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");

describe("queries", () => {
  it("returns a repository with refs, rules, protection and a tree", async () => {
    repository.setRules("main", [{ type: "pull_request" }]);
    repository.protect("main", { requiredSignatures: true });
    const variables = { owner: "OCTOCAT", name: repository.name, branch: "refs/heads/main", path: "main:" };
    const { status, body } = await graphql(api, queries.PREFLIGHT, variables);
    expect(status).toBe(200);
    expect(body.errors).toBeUndefined();
    expect(body.data.viewer.login).toBe("octocat");
    expect(body.data.repository).toMatchObject({
      databaseId: repository.id,
      nameWithOwner: repository.fullName,
      isEmpty: false,
      viewerPermission: "ADMIN",
      viewerCanAdminister: true,
      defaultBranchRef: { name: "main", target: { oid: head } },
      ref: {
        name: "main",
        prefix: "refs/heads/",
        target: { __typename: "Commit", oid: head, parents: { totalCount: 0 } },
        refUpdateRule: { viewerCanPush: true, requiresSignatures: true },
        rules: { totalCount: 1, nodes: [{ type: "PULL_REQUEST" }] },
      },
      object: {
        __typename: "Tree",
        entries: [
          { name: "a.txt", mode: 0o100644, size: 1 },
          { name: "run.sh", mode: 0o100755 },
        ],
      },
    });
  });

  it("returns null for the refs of an empty repository and a missing branch, and NOT_FOUND for a missing repository", async () => {
    await box.createRepository({ owner: "octocat", name: "empty" });
    const ask = async (name: string, branch: string, path: string): Promise<ApiResponse["body"]> =>
      (await graphql(api, queries.PREFLIGHT, { owner: "octocat", name, branch, path })).body;
    const empty = await ask("empty", "refs/heads/main", "HEAD:");
    expect(empty.data.repository).toMatchObject({ isEmpty: true, defaultBranchRef: null, ref: null, object: null });
    const file = await ask(repository.name, "refs/heads/no", "HEAD:a.txt");
    expect(file.data.repository).toMatchObject({ ref: null, object: { text: "a", isBinary: false, byteSize: 1 } });
    const missing = await ask("nothing", "refs/heads/main", "HEAD:");
    expect(missing.data.repository).toBeNull();
    expect(missing.errors).toEqual([
      expect.objectContaining({
        type: "NOT_FOUND",
        path: ["repository"],
        message: "Could not resolve to a Repository with the name 'octocat/nothing'.",
      }),
    ]);
  });
});

describe("control.withoutGraphqlField", () => {
  it("removes a field from the schema until the returned function is called", async () => {
    const query = `{ repository(owner: "octocat", name: "${repository.name}") { ref(qualifiedName: "main") { name rules(first: 1) { totalCount } } } }`;
    const add = box.control.withoutGraphqlField("Ref.rules");
    expect((await graphql(api, query)).body.errors).toMatchObject([
      { message: "Field 'rules' doesn't exist on type 'Ref'", path: ["query", "repository", "ref", "rules"] },
    ]);
    add();
    expect((await graphql(api, query)).body.data.repository.ref).toEqual({ name: "main", rules: { totalCount: 0 } });
  });
});

describe("createCommitOnBranch", () => {
  it("adds, changes and deletes files in a commit that GitHub signs, and keeps modes", async () => {
    const response = await createCommit({
      fileChanges: {
        additions: [
          { path: "run.sh", contents: base64("#!/bin/sh\necho\n") },
          { path: "deep/er/b.txt", contents: base64("b") },
        ],
        deletions: [{ path: "a.txt" }],
      },
    });
    expect(response.body.errors).toBeUndefined();
    const { commit, ref } = response.body.data.createCommitOnBranch;
    expect(ref).toMatchObject({ name: "main", target: { oid: commit.oid } });
    expect(commit).toMatchObject({
      message: "Change\n\nFor a reason",
      signature: { isValid: true },
      committer: { name: "GitHub", email: "noreply@github.com" },
      author: { name: "octocat", email: expect.stringMatching(/^\d+\+octocat@users\.noreply\.github\.com$/) },
    });
    const files = await repository.files();
    expect([...files.keys()]).toEqual(["deep/er/b.txt", "run.sh"]);
    expect(files.get("run.sh")).toMatchObject({ mode: "100755", content: Buffer.from("#!/bin/sh\necho\n") });
    const rest = await api("GET", `/repos/${repository.fullName}/git/commits/${commit.oid}`);
    expect(rest.body.verification).toMatchObject({ verified: true, reason: "valid" });
    expect((await repository.log()).map(({ oid }) => oid)).toEqual([commit.oid, head]);
  });

  it("fails with STALE_DATA when the branch does not point at expectedHeadOid", async () => {
    const moved = await repository.commit({ files: { "c.txt": "c" } });
    const { status, body } = await createCommit();
    expect(status).toBe(200);
    expect(body).toEqual({
      data: { createCommitOnBranch: null },
      errors: [
        {
          type: "STALE_DATA",
          path: ["createCommitOnBranch"],
          locations: [expect.anything()],
          message: `Expected branch to point to "${head}" but it did not.  Pull and try again.`,
        },
      ],
    });
    expect(await repository.head()).toBe(moved);
  });

  it("creates an empty commit without file changes", async () => {
    const { body } = await createCommit();
    const [latest, before] = await repository.log();
    expect(latest?.oid).toBe(body.data.createCommitOnBranch.commit.oid);
    expect(latest?.tree).toBe(before?.tree);
  });

  it.each([
    [
      "the deletion of a missing path",
      { fileChanges: { deletions: [{ path: "no" }] } },
      /requested for deletion which does not exist/,
    ],
    [
      "a duplicate path",
      { fileChanges: { additions: [{ path: "x", contents: "" }], deletions: [{ path: "x" }] } },
      /must be unique/,
    ],
    [
      "contents that are not base64",
      { fileChanges: { additions: [{ path: "x", contents: "%" }] } },
      /not valid Base64/,
    ],
    ["a path with parent segments", { fileChanges: { additions: [{ path: "../x", contents: "" }] } }, /malformed/],
  ])("fails with UNPROCESSABLE for %s", async (_, input, message) => {
    const { body } = await createCommit(input);
    expect(body.errors).toEqual([
      expect.objectContaining({ type: "UNPROCESSABLE", message: expect.stringMatching(message) }),
    ]);
    expect(await repository.head()).toBe(head);
  });

  it("is refused by the rule pull_request but not by required_signatures", async () => {
    repository.setRules("main", [{ type: "required_signatures" }]);
    const signed = await createCommit();
    expect(signed.body.errors).toBeUndefined();
    head = (await repository.head()) ?? "";
    repository.setRules("main", [{ type: "pull_request" }]);
    const { body } = await createCommit();
    expect(body.errors[0].message).toBe(
      "Repository rule violations found\n\nChanges must be made through a pull request.",
    );
  });

  it("fails with FORBIDDEN without write access, and commits as the bot user of an App", async () => {
    const reader = await createCommit({}, apiClient(box, box.addToken({ login: "reader" })));
    expect(reader.body.errors[0]).toMatchObject({
      type: "FORBIDDEN",
      message: "reader does not have the correct permissions to execute `CreateCommitOnBranch`",
    });
    const token = box.addToken({ login: "octocat", kind: "installation", app: "tester" });
    const app = await createCommit({}, apiClient(box, token));
    expect(app.body.data.createCommitOnBranch.commit.author.name).toBe("tester[bot]");
    const weak = box.addToken({ login: "octocat", kind: "installation", permissions: { contents: "read" } });
    const refused = await createCommit({}, apiClient(box, weak));
    expect(refused.body.errors[0]).toMatchObject({
      type: "FORBIDDEN",
      message: "Resource not accessible by integration",
    });
  });
});

describe("updateRefs", () => {
  const move = async (refUpdates: Record<string, unknown>[]): Promise<ApiResponse["body"]> => {
    const repositoryId = (await api("GET", `/repos/${repository.fullName}`)).body.node_id;
    return (await graphql(api, queries.UPDATE_REFS, { input: { repositoryId, refUpdates } })).body;
  };

  it("creates, fast-forwards and deletes several refs", async () => {
    await repository.commit({ branch: "old", files: { x: "x" } });
    const next = await repository.commit({ branch: "next", files: { y: "y" } });
    const body = await move([
      { name: "refs/heads/main", beforeOid: head, afterOid: next },
      { name: "refs/heads/new", beforeOid: ZERO, afterOid: head },
      { name: "refs/heads/old", afterOid: ZERO },
    ]);
    expect(body).toEqual({ data: { updateRefs: { clientMutationId: null } } });
    expect([await repository.head(), await repository.head("new"), await repository.head("old")]).toEqual([
      next,
      head,
      null,
    ]);
  });

  it("updates no ref when one beforeOid does not match", async () => {
    const next = await repository.commit({ branch: "next", files: { y: "y" } });
    for (const wrong of [
      { name: "refs/heads/next", beforeOid: head, afterOid: next },
      { name: "refs/heads/main", beforeOid: ZERO, afterOid: next },
      { name: "refs/heads/nothing", beforeOid: head, afterOid: next },
    ]) {
      const body = await move([{ name: "refs/heads/other", beforeOid: ZERO, afterOid: head }, wrong]);
      expect(body.errors[0].message).toMatch(/^Ref refs\/heads\/\w+ is at [0-9a-f]{40} but expected [0-9a-f]{40}$/);
      expect(await repository.head("other")).toBeNull();
      expect(await repository.head()).toBe(head);
    }
  });

  it("updates a ref to an ancestor only with force", async () => {
    const next = await repository.commit({ files: { y: "y" } });
    const back = { name: "refs/heads/main", beforeOid: next, afterOid: head };
    expect((await move([back])).errors[0].message).toMatch(/not a fast forward/);
    expect((await move([{ ...back, force: true }])).errors).toBeUndefined();
    expect(await repository.head()).toBe(head);
  });

  it("accepts a mutation again after the function that disableMutation returned is called", async () => {
    const add = box.control.disableMutation("updateRefs");
    const addSecond = box.control.disableMutation("updateRefs");
    add();
    add();
    expect((await move([])).errors).toMatchObject([{ extensions: { code: "undefinedField" } }]);
    addSecond();
    expect((await move([])).errors).toBeUndefined();
  });

  it("fails with undefinedField after control.disableMutation", async () => {
    const older = await createGitHubBox();
    older.control.disableMutation("updateRefs");
    const client = apiClient(older, older.addToken({ login: "octocat" }));
    const { status, body } = await graphql(client, queries.UPDATE_REFS, {
      input: { repositoryId: "x", refUpdates: [] },
    });
    expect(status).toBe(200);
    expect(body.errors).toEqual([
      expect.objectContaining({
        message: "Field 'updateRefs' doesn't exist on type 'Mutation'",
        extensions: { code: "undefinedField", typeName: "Mutation", fieldName: "updateRefs" },
      }),
    ]);
    await older.close();
  });
});

describe("createRef, createPullRequest and node", () => {
  it("creates a ref and a pull request, and finds every node by ID", async () => {
    const repositoryId = (await api("GET", `/repos/${repository.fullName}`)).body.node_id;
    const next = await repository.commit({ branch: "scratch", files: { t: "t" } });
    const made = await graphql(api, queries.CREATE_REF, {
      input: { repositoryId, name: "refs/heads/topic", oid: next },
    });
    const ref = made.body.data.createRef.ref;
    expect(ref).toMatchObject({ name: "topic", target: { oid: next } });
    const again = await graphql(api, queries.CREATE_REF, {
      input: { repositoryId, name: "refs/heads/topic", oid: next },
    });
    expect(again.body.errors[0].type).toBe("UNPROCESSABLE");
    const input = { repositoryId, title: "T", headRefName: "topic", baseRefName: "main" };
    const pull = (await graphql(api, queries.CREATE_PULL_REQUEST, { input })).body.data.createPullRequest.pullRequest;
    expect(pull).toMatchObject({ number: 1, state: "OPEN", headRefOid: next });
    for (const id of [repositoryId, ref.id, pull.id]) {
      expect((await graphql(api, queries.NODE, { id })).body.data.node.id).toBe(id);
    }
    const commit = (await api("GET", `/repos/${repository.fullName}/git/commits/${next}`)).body.node_id;
    expect((await graphql(api, queries.NODE, { id: commit })).body.data.node.history.totalCount).toBe(2);
    expect((await graphql(api, queries.NODE, { id: "nonsense" })).body.errors[0].type).toBe("NOT_FOUND");
  });
});

describe("POST /graphql", () => {
  it("responds with 401 without a token, and with errors for a missing query, an unknown field and invalid syntax", async () => {
    expect((await graphql(apiClient(box), "{ viewer { login } }")).status).toBe(401);
    expect((await api("POST", "/graphql", {})).body.errors).toHaveLength(1);
    expect((await graphql(api, "{ viewer { nope } }")).body.errors[0].message).toBe(
      "Field 'nope' doesn't exist on type 'User'",
    );
    const named =
      "query Me { viewer { ...on User { mine: nope } } ...Rest } fragment Rest on Query { rateLimit { no } }";
    expect((await graphql(api, named)).body.errors).toMatchObject([
      {
        path: ["query Me", "viewer", "... on User", "mine"],
        extensions: { code: "undefinedField", typeName: "User", fieldName: "nope" },
      },
      { path: ["fragment Rest", "rateLimit", "no"] },
    ]);
    expect((await graphql(api, "{ viewer { nope } }")).body.errors[0].path).toEqual(["query", "viewer", "nope"]);
    expect((await graphql(api, "{ viewer {")).body.errors[0].message).toMatch(/Syntax Error/);
  });
});

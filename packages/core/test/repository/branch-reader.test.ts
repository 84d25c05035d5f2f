import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readBlob, readEntries, readHead, viewBranch } from "../../src/repository/branch-reader.js";
import { findLandedCommit } from "../../src/repository/landed-commit.js";
import { BoxedGitHub, blobId, failureOf, never } from "./boxed-github.js";

let github: BoxedGitHub;
beforeEach(async () => {
  github = await BoxedGitHub.start();
});
afterEach(() => github.close());

describe("viewBranch", () => {
  it("reads all facts with one request", async () => {
    const head = await github.repository.head();
    const view = await viewBranch(github.client, "Octo/PROJECT", "main", "docs", never);
    expect(view).toEqual({
      repository: {
        id: github.repository.id,
        nodeId: expect.any(String),
        fullName: "octo/project",
        htmlUrl: expect.stringContaining("/octo/project"),
        isEmpty: false,
        defaultBranch: "main",
      },
      branch: "main",
      head,
      start: head,
      rootTree: await github.repository.treeOf(head ?? ""),
      directoryTree: (await github.repository.entryAt(head ?? "", "docs"))?.oid,
      permissions: { canPush: true, canWriteWorkflows: true, blockingRule: null, requiresSignatures: false },
      author: { name: "octo", email: expect.stringMatching(/^\d+\+octo@users\.noreply\.127\.0\.0\.1$/) },
    });
    expect(github.calls()).toEqual(["repository"]);
  });

  it("uses the root when no directory is named", async () => {
    const view = await github.view();
    expect(view.directoryTree).toBe(view.rootTree);
    expect((await github.view("main", "nowhere/at/all")).directoryTree).toBeNull();
  });

  it.each(["README.md", "README.md/deeper"])(
    "throws path_collision for the directory %s, which has a file above it",
    async (directory) => {
      const look = github.view("main", directory);
      await expect(look).rejects.toMatchObject({ code: "path_collision", details: { path: "README.md" } });
    },
  );

  it("starts a missing branch from the default branch", async () => {
    const main = await github.view("main", "docs");
    const view = await github.view("feature/new", "docs");
    expect(view).toMatchObject({
      head: null,
      start: main.head,
      rootTree: main.rootTree,
      directoryTree: main.directoryTree,
    });
  });

  it("reads another branch than the default one", async () => {
    const head = await github.repository.commit({ branch: "feature/x", files: { "docs/more.md": "more\n" } });
    const view = await github.view("feature/x", "docs");
    expect(view).toMatchObject({ head, start: head });
    expect(view.directoryTree).not.toBe((await github.view("main", "docs")).directoryTree);
  });

  it("follows a renamed repository", async () => {
    github.box.renameRepository(github.repository, "renamed");
    const view = await viewBranch(github.client, "octo/project", "main", "", never);
    expect(view.repository.fullName).toBe("octo/renamed");
  });

  it("throws repository_not_found for a missing or invisible repository", async () => {
    const error = await failureOf(viewBranch(github.client, "octo/nothing", "main", "", never));
    expect(error).toMatchObject({ code: "repository_not_found", details: { repository: "octo/nothing" } });
    expect(error.message).toContain("octo/nothing");
    await github.box.createRepository({ owner: "octo", name: "secret", private: true });
    const stranger = github.clientFor({ login: "stranger" });
    expect((await failureOf(viewBranch(stranger, "octo/secret", "main", "", never))).code).toBe("repository_not_found");
  });

  it("throws for an invalid name without a request, and for an archived repository", async () => {
    expect((await failureOf(viewBranch(github.client, "project", "main", "", never))).code).toBe(
      "invalid_repository_name",
    );
    expect(github.calls()).toEqual([]);
    await github.box.createRepository({ owner: "octo", name: "old", archived: true });
    expect((await failureOf(viewBranch(github.client, "octo/old", "main", "", never))).code).toBe(
      "repository_archived",
    );
  });

  it("reports the permissions of the credential", async () => {
    const permissionsFor = async (token: Parameters<BoxedGitHub["clientFor"]>[0]) =>
      (await viewBranch(github.clientFor(token), "octo/project", "main", "", never)).permissions;
    github.repository.setPermission("reader", "read");
    github.repository.setPermission("writer", "write");
    expect(await permissionsFor({ login: "reader" })).toMatchObject({ canPush: false });
    expect(await permissionsFor({ login: "writer" })).toMatchObject({ canPush: true });
    expect(await permissionsFor({ scopes: ["repo"] })).toMatchObject({ canPush: true, canWriteWorkflows: false });
    expect(await permissionsFor({ kind: "fine-grained" })).toMatchObject({ canWriteWorkflows: null });
    const installation = await permissionsFor({ kind: "installation" });
    expect(installation.canPush).not.toBe(false);
    expect(installation.canWriteWorkflows).toBeNull();
  });

  it.each([
    ["pull_request", "pull_request"],
    ["update", "update"],
    ["required_status_checks", "required_status_checks"],
    ["deletion", null],
    ["non_fast_forward", null],
    ["required_linear_history", null],
  ])("reports whether the rule %s blocks a push", async (type, blockingRule) => {
    github.repository.setRules("main", [{ type }]);
    expect((await github.view()).permissions).toMatchObject({ blockingRule, requiresSignatures: false });
  });

  it("reports that commits must be signed", async () => {
    github.repository.setRules("main", [{ type: "required_signatures" }]);
    expect((await github.view()).permissions).toMatchObject({ blockingRule: null, requiresSignatures: true });
    github.repository.setRules("main", []);
    github.repository.protect("main", { requiredSignatures: true });
    expect((await github.view()).permissions.requiresSignatures).toBe(true);
  });

  it("does not report classic protection as blocking for an administrator", async () => {
    github.repository.protect("main", { requiredPullRequestReviews: true });
    github.repository.setPermission("writer", "write");
    const writer = await viewBranch(github.clientFor({ login: "writer" }), "octo/project", "main", "", never);
    expect(writer.permissions.blockingRule).not.toBeNull();
  });

  it("reads an empty repository", async () => {
    await github.box.createRepository({ owner: "octo", name: "empty" });
    const view = await viewBranch(github.client, "octo/empty", "main", "docs", never);
    expect(view).toMatchObject({ head: null, start: null, rootTree: null, directoryTree: null });
    expect(view.repository.isEmpty).toBe(true);
  });
});

describe("viewBranch on an older GitHub Enterprise Server", () => {
  it("repeats the query without the optional fields that the server does not have", async () => {
    const field = (fieldName: string) => ({
      message: `Field '${fieldName}' doesn't exist on type 'Ref'`,
      extensions: { code: "undefinedField", typeName: "Ref", fieldName },
    });
    const respond = { status: 200, body: { errors: [field("rules")] } };
    github.box.control.fault({ operation: "repository", when: "before", respond });
    const view = await viewBranch(github.client, "octo/project", "main", "", never);
    expect(view.head).toBe(await github.repository.head());
    expect(github.calls()).toHaveLength(2);
  });

  it("throws the error for a missing field that is not optional", async () => {
    const error = { message: "Field 'isEmpty' doesn't exist on type 'Repository'" };
    github.box.control.fault({
      operation: "repository",
      when: "before",
      respond: { status: 200, body: { errors: [error] } },
    });
    const failure = await failureOf(viewBranch(github.client, "octo/project", "main", "", never));
    expect(failure.code).toBe("github_rejected");
  });
});

describe("readHead", () => {
  it("reads the head only when it has moved since the etag", async () => {
    const head = await github.repository.head();
    const first = await readHead(github.client, "octo/project", "main", null, never);
    expect(first).toEqual({ state: "read", head, etag: expect.any(String) });
    const etag = first.state === "read" ? first.etag : null;
    expect(await readHead(github.client, "octo/project", "main", etag, never)).toEqual({ state: "unchanged" });
    const next = await github.repository.commit({ files: { "a.txt": "a" } });
    expect(await readHead(github.client, "octo/project", "main", etag, never)).toMatchObject({
      state: "read",
      head: next,
    });
  });

  it("reports a missing branch, repository or commit", async () => {
    await github.box.createRepository({ owner: "octo", name: "empty" });
    for (const [name, branch] of [
      ["octo/project", "x"],
      ["octo/nothing", "main"],
      ["octo/empty", "main"],
    ] as const)
      expect(await readHead(github.client, name, branch, null, never)).toEqual({ state: "missing" });
  });

  it("finds a branch name with slashes, also after a rename", async () => {
    const head = await github.repository.commit({ branch: "feature/a#b", files: { "a.txt": "a" } });
    github.box.renameRepository(github.repository, "renamed");
    expect(await readHead(github.client, "octo/project", "feature/a#b", null, never)).toMatchObject({
      state: "read",
      head,
    });
  });
});

describe("readEntries", () => {
  const deep = {
    "a/b/c/1.txt": "1",
    "a/b/c/2.txt": "2",
    "a/d/1.txt": "1",
    "a/e/1.txt": "1",
    "x/c/1.txt": "1",
    "x/c/2.txt": "2",
    "z.txt": "z",
  };
  const read = async () => {
    const { rootTree } = await github.view();
    return readEntries(github.client, "octo/project", rootTree ?? "", never);
  };

  it("reads entries with modes, without trees, in one request", async () => {
    const entries = await read();
    expect(Object.fromEntries(entries)).toMatchObject({
      "README.md": { mode: "100644", oid: blobId(Buffer.from("hello\n")) },
      "docs/guide.md": { mode: "100644" },
      "run.sh": { mode: "100755" },
      link: { mode: "120000" },
    });
    expect(entries.size).toBe(4);
    expect(github.box.count("GET /repos/{owner}/{repo}/git/trees/{tree_sha}")).toBe(1);
  });

  it("reads all entries where GitHub truncates the response, equal directories once", async () => {
    await github.repository.commit({ files: deep });
    const whole = await read();
    github.box.control.treeLimit(7);
    github.box.resetCounters();
    expect(await read()).toEqual(whole);
    expect(whole.size).toBe(11);
    const urls = github.box.requests.map(({ url }) => url).filter((url) => url.includes("/git/trees/"));
    expect(new Set(urls).size).toBe(urls.length);
    // The root and a are truncated and read by level; a/b, a/d and docs are complete; a/e equals a/d, and x equals a/b.
    expect(urls).toHaveLength(2 * 2 + 3);
  });

  it("throws instead of returning a truncated listing", async () => {
    await github.repository.commit({ files: deep });
    github.box.control.treeLimit(3);
    expect((await failureOf(read())).code).toBe("input_too_large");
  });
});

describe("readBlob", () => {
  it.each([
    ["text", Buffer.from("héllo")],
    ["binary", Buffer.from([0, 255, 254, 128, 10, 13])],
    ["empty", Buffer.alloc(0)],
  ])("reads %s content exactly", async (_, bytes) => {
    await github.repository.commit({ files: { file: bytes } });
    expect(await readBlob(github.client, "octo/project", blobId(bytes), never)).toEqual(new Uint8Array(bytes));
  });

  it("returns null for a missing blob", async () => {
    expect(await readBlob(github.client, "octo/project", "1".repeat(40), never)).toBeNull();
  });
});

describe("findLandedCommit", () => {
  const trailer = "Infrajet-Sync: 7/1";
  const find = (query: { expectedHead: string | null; commitId?: string | null; branch?: string }) =>
    findLandedCommit(github.client, "octo/project", { branch: "main", commitId: null, trailer, ...query }, never);
  const commit = (message: string) =>
    github.repository.commit({ message, files: { [`${Math.random()}.txt`]: message } });

  it("finds a commit by its trailer, below later commits", async () => {
    const expectedHead = await github.repository.head();
    await commit("before");
    const ours = await commit(`Sync\n\nText\n\n${trailer}`);
    await commit("after");
    expect(await find({ expectedHead })).toEqual({ commitId: ours, url: expect.stringContaining(ours) });
  });

  it("does not return the commit of another attempt or an older one", async () => {
    const older = await commit(`Sync\n\n${trailer}`);
    await commit(`Sync\n\n${trailer}1`);
    await commit(`Sync\n\nsays ${trailer} in a line`);
    expect(await find({ expectedHead: older })).toBeNull();
    expect(await find({ expectedHead: await github.repository.head() })).toBeNull();
  });

  it("finds a commit on later pages", async () => {
    const expectedHead = await github.repository.head();
    for (let index = 0; index < 100; index += 1) await commit(`number ${index}`);
    const ours = await commit(`Sync\n\n${trailer}`);
    expect(await find({ expectedHead })).toMatchObject({ commitId: ours });
    expect(await find({ expectedHead: null })).toMatchObject({ commitId: ours });
  });

  it("finds a commit on a new branch", async () => {
    expect(await find({ expectedHead: null })).toBeNull();
    const ours = await commit(`Sync\n\n${trailer}`);
    expect(await find({ expectedHead: null })).toMatchObject({ commitId: ours });
  });

  it("finds a commit by its id, also below later commits", async () => {
    const before = await github.repository.head();
    const ours = await commit("no trailer");
    expect(await find({ expectedHead: before, commitId: ours })).toMatchObject({ commitId: ours });
    await commit("after");
    expect(await find({ expectedHead: before, commitId: ours })).toMatchObject({ commitId: ours });
    const elsewhere = await github.repository.commit({ branch: "other", files: { "o.txt": "o" } });
    expect(await find({ expectedHead: before, commitId: elsewhere })).toBeNull();
    expect(await find({ expectedHead: before, commitId: "1".repeat(40) })).toBeNull();
  });

  it("returns null when the branch, the base or the repository does not exist", async () => {
    const head = await github.repository.head();
    await github.box.createRepository({ owner: "octo", name: "empty" });
    expect(await find({ expectedHead: head, branch: "gone" })).toBeNull();
    expect(await find({ expectedHead: null, branch: "gone" })).toBeNull();
    expect(await find({ expectedHead: "1".repeat(40) })).toBeNull();
    const query = { branch: "main", commitId: null, expectedHead: null, trailer };
    expect(await findLandedCommit(github.client, "octo/empty", query, never)).toBeNull();
  });
});

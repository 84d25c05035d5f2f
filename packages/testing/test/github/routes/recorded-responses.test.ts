import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BoxRepository, createGitHubBox, type GitHubBox } from "../../../src/index.js";
import { type Api, apiClient } from "../api-client.js";

// Compares responses with recorded responses of GitHub: IDs, statuses, headers, member names and messages.
let box: GitHubBox;
let api: Api;
let repository: BoxRepository;
const at = "/repos/hub4j-test-org/GHTreeBuilderTest";

beforeAll(async () => {
  box = await createGitHubBox();
  box.addOrganization({ login: "hub4j-test-org", admins: ["octocat"] });
  api = apiClient(box, box.addToken({ login: "octocat", scopes: ["repo", "workflow", "delete_repo"] }));
  repository = await box.createRepository({ owner: "hub4j-test-org", name: "GHTreeBuilderTest" });
  await repository.commit({ files: { "README.md": "# GHTreeBuilderTest" } });
});

afterAll(() => box.close());

describe("Git Database API, as recorded", () => {
  const blobs = {
    "app/run.sh": { content: "IyEvYmluL2Jhc2gKZWNobyBIZWxsbwo=", sha: "e9ba7ba07276a794d493db90e0384940ce2b757b" },
    "doc/readme.txt": { text: "Thanks for using our application!\n", sha: "fbbc875b17d1e17da06b4ee8fda46e2596c41f3c" },
    "data/val1.dat": { content: "AQID", sha: "aed2973e4b8a7ff1b30ff5c4751e5a2b38989e74" },
    "data/val2.dat": { content: "BAUGBw==", sha: "5bd8bb897b13225c93a1d26baa88c96b7bd5d817" },
  };

  it("creates blobs, a tree with base_tree and a commit with GitHub's IDs, and fast-forwards a branch to it", async () => {
    const head = await repository.head();
    for (const blob of Object.values(blobs)) {
      const body =
        "text" in blob ? { content: blob.text, encoding: "utf-8" } : { content: blob.content, encoding: "base64" };
      const response = await api("POST", `${at}/git/blobs`, body);
      const url = `https://api.github.com${at}/git/blobs/${blob.sha}`;
      expect(response).toMatchObject({ status: 201, body: { sha: blob.sha, url } });
      expect(response.headers.get("location")).toBe(url);
      expect(Object.keys(response.body)).toEqual(["sha", "url"]);
    }
    const tree = await api("POST", `${at}/git/trees`, {
      base_tree: head,
      tree: Object.entries(blobs).map(([path, { sha }]) => ({
        path,
        mode: path.endsWith(".sh") ? "100755" : "100644",
        type: "blob",
        sha,
      })),
    });
    expect(tree.status).toBe(201);
    expect(tree.body).toMatchObject({
      sha: "b09a1698f3aeb1d462c3492007760e2579734c74",
      truncated: false,
      tree: [
        { path: "README.md", mode: "100644", type: "blob", sha: "958337fe1f522a58e5e7098cc61a2917db1c9643", size: 19 },
        { path: "app", mode: "040000", type: "tree", sha: "710159eba36105e7d2257b282b9bdc8e3f337f16" },
        { path: "data", mode: "040000", type: "tree", sha: "d872fa75a4eb3747d627d4b355887e2285ae5603" },
        { path: "doc", mode: "040000", type: "tree", sha: "30bda54e864ecafd021698ddf75bb9378dd755e5" },
      ],
    });
    expect(Object.keys(tree.body.tree[1])).toEqual(["path", "mode", "type", "sha", "url"]);
    const commit = await api("POST", `${at}/git/commits`, {
      message: "Add files",
      tree: tree.body.sha,
      parents: [head],
      author: { name: "author", email: "author@author.com", date: "2021-01-23T20:20:25Z" },
      committer: { name: "committer", email: "committer@committer.com", date: "2021-01-23T20:20:25Z" },
    });
    expect(commit.status).toBe(201);
    expect(commit.body).toMatchObject({
      author: { name: "author", email: "author@author.com", date: "2021-01-23T20:20:25Z" },
      message: "Add files",
      verification: { verified: false, reason: "unsigned", signature: null, payload: null },
    });
    // The recorded commit has a different parent. With that parent, the commit has the recorded ID.
    const bytes = execFileSync("git", [
      "--git-dir",
      repository.gitDir,
      "cat-file",
      "commit",
      commit.body.sha,
    ]).toString();
    const recorded = bytes.replace(`parent ${head}`, "parent 2acb295eef8d5eaf34d8915fad20db132745e9a0");
    const oid = createHash("sha1").update(`commit ${recorded.length}\0${recorded}`).digest("hex");
    expect(oid).toBe("466725309d43aa6fe6cb67f8f4161451d627b43f");

    const moved = await api("PATCH", `${at}/git/refs/heads/main`, { sha: commit.body.sha, force: false });
    expect(moved.status).toBe(200);
    expect(moved.body).toMatchObject({ ref: "refs/heads/main", object: { sha: commit.body.sha, type: "commit" } });
    expect(Object.keys(moved.body)).toEqual(["ref", "node_id", "url", "object"]);
    expect(await repository.head()).toBe(commit.body.sha);
  });

  it("returns a file with base64 in lines, the blob's ID as entity tag and the commit's date as Last-Modified", async () => {
    const { status, body, headers } = await api("GET", `${at}/contents/app/run.sh`);
    expect(status).toBe(200);
    expect(headers.get("etag")).toBe('W/"e9ba7ba07276a794d493db90e0384940ce2b757b"');
    expect(headers.get("last-modified")).toBe("Sat, 23 Jan 2021 20:20:25 GMT");
    expect(body).toMatchObject({
      name: "run.sh",
      path: "app/run.sh",
      size: 23,
      type: "file",
      content: "IyEvYmluL2Jhc2gKZWNobyBIZWxsbwo=\n",
      encoding: "base64",
      url: `https://api.github.com${at}/contents/app/run.sh?ref=main`,
      html_url: "https://github.com/hub4j-test-org/GHTreeBuilderTest/blob/main/app/run.sh",
      download_url: "https://raw.githubusercontent.com/hub4j-test-org/GHTreeBuilderTest/main/app/run.sh",
    });
  });

  it("returns a commit with counts and patches of its files", async () => {
    const { body } = await api("GET", `${at}/commits/main`);
    expect(body.stats).toEqual({ total: 5, additions: 5, deletions: 0 });
    expect(body.files.map((file: { filename: string }) => file.filename)).toEqual([
      "app/run.sh",
      "data/val1.dat",
      "data/val2.dat",
      "doc/readme.txt",
    ]);
    expect(body.files[0]).toMatchObject({
      status: "added",
      additions: 2,
      changes: 2,
      patch: "@@ -0,0 +1,2 @@\n+#!/bin/bash\n+echo Hello",
    });
    expect(body.files[1].patch).toBe("@@ -0,0 +1 @@\n+\u0001\u0002\u0003\n\\ No newline at end of file");
    expect(body.author).toBeNull();
  });

  it("returns a tree by branch with the commit's ID", async () => {
    const { body } = await api("GET", `${at}/git/trees/main?recursive=1`);
    expect(body.sha).toBe(await repository.head());
    expect(body.tree.map((entry: { path: string }) => entry.path)).toEqual([
      "README.md",
      "app",
      "app/run.sh",
      "data",
      "data/val1.dat",
      "data/val2.dat",
      "doc",
      "doc/readme.txt",
    ]);
  });
});

describe("GET /repos/{owner}/{repo}/git/refs/{ref}, as recorded", () => {
  it("returns a ref with a node ID in the older format", async () => {
    const { status, body, headers } = await api("GET", `${at}/git/refs/heads/main`);
    expect(status).toBe(200);
    const node = Buffer.from(body.node_id, "base64").toString();
    expect(node).toBe(`03:Ref${repository.id}:refs/heads/main`);
    expect(headers.get("x-poll-interval")).toBe("300");
    expect(headers.get("etag")).toMatch(/^W\/"[0-9a-f]{64}"$/);
  });
});

describe("/repos/{owner}/{repo}/contents/{path}, as recorded", () => {
  it("creates, updates and deletes a file whose path has reserved characters, and reads the parameters of DELETE from the query", async () => {
    const path = `${at}/contents/test+directory%20%2350/test%20file-to+create-%231.txt`;
    const created = await api("PUT", path, {
      path: "test+directory #50/test file-to+create-#1.txt",
      message: "Creating a file for integration tests.",
      content: "dGhpcyBpcyBhbiBhd2Vzb21lIGZpbGUgSSBjcmVhdGVkCg==",
    });
    expect(created.status).toBe(201);
    expect(created.headers.get("etag")).toMatch(/^"/);
    expect(created.body.content).toMatchObject({
      name: "test file-to+create-#1.txt",
      path: "test+directory #50/test file-to+create-#1.txt",
      sha: "8db9c31d79dfb9d0411c7af11b7ec7fabc72c5b1",
      size: 34,
      url: `https://api.github.com${at}/contents/test%2Bdirectory%20%2350/test%20file-to%2Bcreate-%231.txt?ref=main`,
    });
    expect(created.body.content).not.toHaveProperty("content");
    expect(created.body.commit).toMatchObject({ message: "Creating a file for integration tests." });
    const updated = await api("PUT", path, { message: "Updated", content: "eA==", sha: created.body.content.sha });
    expect(updated.status).toBe(200);
    const query = new URLSearchParams({ message: "Enough of this foolishness!", sha: updated.body.content.sha });
    const deleted = await api("DELETE", `${path}?${query}`);
    expect(deleted).toMatchObject({ status: 200, body: { content: null } });
    expect(deleted.body.commit.message).toBe("Enough of this foolishness!");
    expect(await api("GET", path)).toMatchObject({ status: 404, body: { message: "Not Found" } });
  });

  it("returns a file in the raw media type, and a folder as an array", async () => {
    const raw = await api("GET", `${at}/contents/README.md`, undefined, { accept: "application/vnd.github.v3.raw" });
    expect(raw.body).toBe("# GHTreeBuilderTest");
    expect(raw.headers.get("content-type")).toMatch(/^application\/vnd\.github.*raw/);
    expect(raw.headers.get("x-github-media-type")).toBe("github.v3; param=raw; format=json");
    const folder = await api("GET", `${at}/contents/`);
    expect(folder.body[0]).toMatchObject({ name: "README.md", type: "file", size: 19 });
  });
});

describe("renamed repository, as recorded", () => {
  it("redirects to its ID, with 301 for GET and 307 for PATCH", async () => {
    const renamed = await box.createRepository({ owner: "octocat", name: "rename-repository", autoInit: true });
    renamed.rename("rename-repository-newname");
    const url = `https://api.github.com/repositories/${renamed.id}`;
    const got = await api("GET", "/repos/octocat/rename-repository");
    expect(got).toMatchObject({ status: 301, body: { message: "Moved Permanently", url } });
    expect(got.headers.get("location")).toBe(url);
    const patched = await api("PATCH", "/repos/octocat/rename-repository", { description: "test" });
    expect(patched).toMatchObject({ status: 307, body: { message: "Moved Permanently", url } });
    const deep = await api("GET", "/repos/octocat/rename-repository/git/ref/heads/main?x=1");
    expect(deep.headers.get("location")).toBe(`${url}/git/ref/heads/main?x=1`);
    const followed = await api("GET", `/repositories/${renamed.id}/git/ref/heads/main`);
    expect(followed).toMatchObject({ status: 200, body: { ref: "refs/heads/main" } });
  });
});

describe("errors, as recorded", () => {
  const cases: [string, string, string, unknown, number, string, string][] = [
    [
      "a missing repository",
      "GET",
      "/repos/octocat/nothing",
      undefined,
      404,
      "Not Found",
      "repos/repos#get-a-repository",
    ],
    ["a missing ref", "GET", `${at}/git/refs/headz`, undefined, 404, "Not Found", "git/refs#get-a-reference"],
    [
      "the deletion of a missing ref",
      "DELETE",
      `${at}/git/refs/heads/no`,
      undefined,
      422,
      "Reference does not exist",
      "git/refs#delete-a-reference",
    ],
    [
      "the update of a missing ref",
      "PATCH",
      `${at}/git/refs/heads/no`,
      { sha: "0".repeat(40) },
      422,
      "Reference does not exist",
      "git/refs#update-a-reference",
    ],
    [
      "a ref to a missing object",
      "POST",
      `${at}/git/refs`,
      { ref: "refs/heads/n", sha: "1".repeat(40) },
      422,
      "Object does not exist",
      "git/refs#create-a-reference",
    ],
    [
      "a missing file",
      "GET",
      `${at}/contents/no.txt`,
      undefined,
      404,
      "Not Found",
      "repos/contents#get-repository-content",
    ],
    [
      "a body that is not JSON",
      "POST",
      `${at}/git/blobs`,
      "{",
      400,
      "Problems parsing JSON",
      "git/blobs#create-a-blob",
    ],
  ];

  it.each(cases)(
    "responds with GitHub's message and documentation URL to %s",
    async (_, method, path, body, status, message, docs) => {
      const response = await api(method, path, body);
      expect(response).toMatchObject({
        status,
        body: { message, documentation_url: `https://docs.github.com/rest/${docs}` },
      });
    },
  );

  it("responds with GitHub's message to a committer without name and email", async () => {
    const head = await repository.head();
    const tree = (await api("GET", `${at}/git/commits/${head}`)).body.tree.sha;
    const response = await api("POST", `${at}/git/commits`, { message: "m", tree, parents: [head], committer: {} });
    expect(response.status).toBe(422);
    expect(response.body.message).toBe('Invalid request.\n\n"email", "name" weren\'t supplied.');
  });

  it("responds to an unknown token with 401, the rate limit of 60 and no scopes", async () => {
    const response = await apiClient(box, "ghp_wrong")("GET", "/user");
    expect(response).toMatchObject({
      status: 401,
      body: { message: "Bad credentials", documentation_url: "https://docs.github.com/rest" },
    });
    expect(response.headers.get("x-ratelimit-limit")).toBe("60");
    expect(response.headers.has("x-oauth-scopes")).toBe(false);
  });

  it("responds to an installation token on POST /user/repos with 403 and no scopes", async () => {
    const app = apiClient(box, box.addToken({ login: "octocat", kind: "installation" }));
    const response = await app("POST", "/user/repos", { name: "no" });
    expect(response).toMatchObject({ status: 403, body: { message: "Resource not accessible by integration" } });
    expect(response.headers.has("x-oauth-scopes")).toBe(false);
    expect(response.headers.get("x-ratelimit-limit")).toBe("5000");
  });
});

describe("response headers, as recorded", () => {
  it("includes scopes, media type, rate limit and request ID", async () => {
    const { headers } = await api("GET", `${at}/git/ref/heads/main`);
    expect(Object.fromEntries(headers)).toMatchObject({
      "content-type": "application/json; charset=utf-8",
      "cache-control": "private, max-age=60, s-maxage=60",
      "x-oauth-scopes": "delete_repo, repo, workflow",
      "x-accepted-oauth-scopes": "repo",
      "x-github-media-type": "github.v3; format=json",
      "x-ratelimit-limit": "5000",
      "x-ratelimit-resource": "core",
    });
    expect(headers.get("x-github-request-id")).toMatch(/^[0-9A-F]{4}:[0-9A-F]+:[0-9A-F]+:[0-9A-F]+:[0-9A-F]+$/);
    expect(Number(headers.get("x-ratelimit-reset"))).toBeGreaterThan(Date.now() / 1000);
  });
});

describe("POST /orgs/{org}/repos, as recorded", () => {
  it("creates a repository with Location and the organization", async () => {
    const response = await api("POST", "/orgs/hub4j-test-org/repos", { name: "github-api-test", auto_init: true });
    expect(response.status).toBe(201);
    expect(response.headers.get("location")).toBe("https://api.github.com/repos/hub4j-test-org/github-api-test");
    expect(response.headers.get("x-accepted-oauth-scopes")).toBe("public_repo, repo");
    expect(response.body).toMatchObject({
      full_name: "hub4j-test-org/github-api-test",
      default_branch: "main",
      permissions: { admin: true, push: true, pull: true },
      organization: { login: "hub4j-test-org" },
      clone_url: "https://github.com/hub4j-test-org/github-api-test.git",
    });
  });
});

describe("GET /repos/{owner}/{repo}, as recorded", () => {
  it("includes the merge settings, and for administrators the security features", async () => {
    const { body } = await api("GET", at);
    expect(body).toMatchObject({
      allow_update_branch: false,
      custom_properties: {},
      has_pull_requests: true,
      merge_commit_message: "PR_TITLE",
      merge_commit_title: "MERGE_MESSAGE",
      pull_request_creation_policy: "all",
      security_and_analysis: { secret_scanning: { status: "disabled" } },
      squash_merge_commit_message: "COMMIT_MESSAGES",
      squash_merge_commit_title: "COMMIT_OR_PR_TITLE",
      temp_clone_token: "",
      use_squash_pr_title_as_default: false,
    });
    expect((await apiClient(box)("GET", at)).body).not.toHaveProperty("security_and_analysis");
  });
});

describe("GET /user, as recorded", () => {
  it("has the time of the last update as Last-Modified", async () => {
    const { body, headers } = await api("GET", "/user");
    expect(Date.parse(headers.get("last-modified") ?? "")).toBe(Date.parse(body.updated_at));
    expect((await api("GET", "/users/octocat")).headers.get("last-modified")).toBe(headers.get("last-modified"));
  });
});

describe("GET /repos/{owner}/{repo}/branches, as recorded", () => {
  it("includes the classic protection of protected branches", async () => {
    const repository = await box.createRepository({ owner: "octocat", name: "protected", autoInit: true });
    await repository.commit({ branch: "open", files: { a: "a" } });
    repository.protect("main", { requiredStatusChecks: ["ci"] });
    const { body } = await api("GET", "/repos/octocat/protected/branches");
    expect(body).toEqual([
      {
        name: "main",
        commit: expect.anything(),
        protected: true,
        protection: {
          enabled: true,
          required_status_checks: { enforcement_level: "everyone", contexts: ["ci"], checks: [] },
        },
        protection_url: "https://api.github.com/repos/octocat/protected/branches/main/protection",
      },
      { name: "open", commit: expect.anything(), protected: false },
    ]);
  });
});

describe("lists, as recorded", () => {
  it("has a Link header to other pages", async () => {
    for (let index = 0; index < 5; index += 1) await box.createRepository({ owner: "pager", name: `r${index}` });
    const pager = apiClient(box, box.addToken({ login: "pager" }));
    const first = await pager("GET", "/user/repos?per_page=2");
    expect(first.headers.get("link")).toBe(
      '<https://api.github.com/user/repos?per_page=2&page=2>; rel="next", <https://api.github.com/user/repos?per_page=2&page=3>; rel="last"',
    );
    const last = await pager("GET", "/user/repos?per_page=2&page=3");
    expect(last.body).toHaveLength(1);
    expect(last.headers.get("link")).toBe(
      '<https://api.github.com/user/repos?per_page=2&page=2>; rel="prev", <https://api.github.com/user/repos?per_page=2&page=1>; rel="first"',
    );
  });
});

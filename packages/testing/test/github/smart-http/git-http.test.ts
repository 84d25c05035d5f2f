import { randomBytes } from "node:crypto";
import { setupServer } from "msw/node";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type BoxRepository, createGitHubBox, type GitHubBox, type GitHubBoxServer } from "../../../src/index.js";
import { apiClient } from "../api-client.js";
import { GitClient } from "../git-client.js";

let box: GitHubBox;
let server: GitHubBoxServer;
let token: string;
let repository: BoxRepository;
let number = 0;
const clients: GitClient[] = [];

beforeAll(async () => {
  box = await createGitHubBox();
  server = await box.listen();
  token = box.addToken({ login: "octocat" });
});
beforeEach(async () => {
  number += 1;
  repository = await box.createRepository({ owner: "octocat", name: `r${number}`, autoInit: true });
});
afterAll(async () => {
  await box.close();
  await Promise.all(clients.map((client) => client.close()));
});

async function client(withToken: string | undefined = token, fullName = repository.fullName): Promise<GitClient> {
  const opened = await GitClient.open(server.serverUrl, fullName, withToken);
  clients.push(opened);
  return opened;
}

describe("git clone and git push", () => {
  it("clones a repository and pushes a commit, which the API shows", async () => {
    const git = await client();
    expect(await git.clone()).toMatchObject({ code: 0 });
    const oid = await git.commit({ "src/a.txt": "a\n", "b.bin": randomBytes(2_000_000) });
    expect(await git.run("push", "--quiet")).toMatchObject({ code: 0 });
    expect(await repository.head()).toBe(oid);
    const api = apiClient(box, token);
    expect((await api("GET", `/repos/${repository.fullName}/git/ref/heads/main`)).body.object.sha).toBe(oid);
    const { body } = await api("GET", `/repos/${repository.fullName}/git/trees/main?recursive=1`);
    expect(body.tree.map(({ path, size }: { path: string; size?: number }) => [path, size])).toEqual([
      ["README.md", expect.any(Number)],
      ["b.bin", 2_000_000],
      ["src", undefined],
      ["src/a.txt", 2],
    ]);
    expect(await repository.fsck()).toBe("");
  });

  it("reads objects of a push that git keeps as a pack", async () => {
    const git = await client();
    await git.clone();
    const files = Object.fromEntries(
      Array.from({ length: 150 }, (_, index) => [`f${index}.txt`, `content ${index}\n`]),
    );
    await git.commit(files);
    expect(await git.run("push", "--quiet")).toMatchObject({ code: 0 });
    expect((await repository.files()).size).toBe(151);
    expect((await repository.files()).get("f149.txt")?.content.toString()).toBe("content 149\n");
  });

  it("makes the first branch that is pushed to an empty repository the default branch", async () => {
    const empty = await box.createRepository({ owner: "octocat", name: `empty${number}` });
    const git = await client(token, empty.fullName);
    await git.init();
    const oid = await git.commit({ "a.txt": "a" });
    expect(await git.run("push", "--quiet", "origin", "HEAD:refs/heads/trunk")).toMatchObject({ code: 0 });
    expect(empty.defaultBranch).toBe("trunk");
    expect(await empty.head()).toBe(oid);
  });

  it("supports shallow clones", async () => {
    for (const name of ["a", "b", "c"]) await repository.commit({ files: { [name]: name } });
    const git = await client();
    expect(await git.clone("--depth=1")).toMatchObject({ code: 0 });
    expect((await git.run("rev-list", "--count", "HEAD")).stdout.trim()).toBe("1");
    await git.commit({ d: "d" });
    expect(await git.run("push", "--quiet")).toMatchObject({ code: 0 });
    expect((await repository.files()).has("d")).toBe(true);
  });
});

describe("access to git over HTTP", () => {
  it("requires authentication for pushes and for reads of private repositories", async () => {
    const stranger = await client("");
    expect(await stranger.clone()).toMatchObject({ code: 0 });
    await stranger.commit({ x: "x" });
    expect((await stranger.run("push")).stderr).toMatch(/could not read (Username|Password)|Authentication failed/);
    const url = `${server.url}/${repository.fullName}.git/info/refs?service=git-receive-pack`;
    const response = await fetch(url);
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe('Basic realm="GitHub"');
    const hidden = await box.createRepository({ owner: "octocat", name: `hidden${number}`, private: true });
    const path = `${server.url}/${hidden.fullName}.git/info/refs?service=git-upload-pack`;
    expect((await fetch(path)).status).toBe(401);
    const reader = Buffer.from(`x:${box.addToken({ login: "reader" })}`).toString("base64");
    expect((await fetch(path, { headers: { authorization: `Basic ${reader}` } })).status).toBe(404);
  });

  it("refuses pushes of readers, invalid tokens, and pushes to archived repositories", async () => {
    const reader = await client(box.addToken({ login: "reader" }));
    await reader.clone();
    await reader.commit({ x: "x" });
    expect((await reader.run("push")).stderr).toMatch(/denied to reader|403/);
    repository.private = true;
    expect((await (await client("wrong")).clone()).stderr).toMatch(/Authentication failed|Invalid username or token/);
    const writer = await client();
    await writer.clone();
    await writer.commit({ x: "x" });
    repository.archived = true;
    expect((await writer.run("push")).stderr).toMatch(/archived|403/);
  });

  it("redirects the old name of a renamed repository", async () => {
    const git = await client();
    await git.clone();
    repository.rename(`renamed${number}`);
    const oid = await git.commit({ x: "x" });
    expect(await git.run("push", "--quiet")).toMatchObject({ code: 0 });
    expect(await repository.head()).toBe(oid);
  });
});

describe("push guard", () => {
  async function refusedPush(withToken = token, files: Record<string, string> = { x: "x" }): Promise<string> {
    const git = await client(withToken);
    await git.clone();
    await git.commit(files);
    const before = await repository.head();
    const outcome = await git.run("push");
    expect(outcome.code).not.toBe(0);
    expect(await repository.head()).toBe(before);
    return outcome.stderr;
  }

  it("reports GH013 and the violated rule of a ruleset", async () => {
    repository.setRules("main", [{ type: "pull_request" }]);
    const output = await refusedPush();
    expect(output).toMatch(/remote: error: GH013: Repository rule violations found for refs\/heads\/main\./);
    expect(output).toMatch(/remote: - Changes must be made through a pull request\./);
    expect(output).toMatch(/! \[remote rejected\] main -> main \(push declined due to repository rule violations\)/);
  });

  it("reports missing signatures, because GitHub does not sign pushed commits", async () => {
    repository.setRules("main", [{ type: "required_signatures" }]);
    expect(await refusedPush()).toMatch(/Commits must have verified signatures\./);
  });

  it("reports GH006 for classic protection", async () => {
    repository.protect("main", { requiredPullRequestReviews: true });
    const output = await refusedPush();
    expect(output).toMatch(/GH006: Protected branch update failed for refs\/heads\/main\./);
    expect(output).toMatch(/protected branch hook declined/);
  });

  it("reports workflow files without the scope or permission, by kind of token", async () => {
    const workflow = { ".github/workflows/ci.yml": "on: push\n" };
    const oauth = await refusedPush(box.addToken({ login: "octocat", scopes: ["repo"] }), workflow);
    expect(oauth).toMatch(
      /refusing to allow an OAuth App to create or update workflow `.github\/workflows\/ci.yml` without `workflow` scope/,
    );
    const permissions = { contents: "write", metadata: "read" };
    const app = await refusedPush(box.addToken({ login: "octocat", kind: "installation", permissions }), workflow);
    expect(app).toMatch(
      /refusing to allow a GitHub App to create or update workflow .* without `workflows` permission/,
    );
  });

  it("accepts a push to a branch without rules", async () => {
    repository.setRules("other", [{ type: "pull_request" }]);
    const git = await client(box.addToken({ login: "octocat", scopes: ["repo"] }));
    await git.clone();
    const oid = await git.commit({ x: "x", "b.bin": "b".repeat(100_000) });
    expect(await git.run("push", "--quiet")).toMatchObject({ code: 0 });
    expect(await repository.head()).toBe(oid);
    expect(await repository.fsck()).toBe("");
  });

  it("rejects a push that is not a fast-forward and a push of invalid objects", async () => {
    const git = await client();
    await git.clone();
    await git.commit({ x: "x" });
    await repository.commit({ files: { y: "y" } });
    expect((await git.run("push")).stderr).toMatch(/rejected.*fetch first/);
    await git.run("fetch", "--quiet");
    await git.run("reset", "--quiet", "--hard", "origin/main");
    const blob = (await git.run("rev-parse", "HEAD:y")).stdout.trim();
    const made = await git.run("-c", `alias.bad=!printf '100644 blob ${blob}\\t.git\\n' | git mktree`, "bad");
    const commit = await git.run("commit-tree", made.stdout.trim(), "-p", "HEAD", "-m", "bad");
    const push = await git.run("push", "origin", `${commit.stdout.trim()}:refs/heads/bad`);
    expect(push.stderr).toMatch(/hasDotgit|unpack/i);
    expect(await repository.head("bad")).toBeNull();
  });
});

describe("git over msw", () => {
  it("advertises refs through msw", async () => {
    const msw = setupServer(...box.handlers());
    msw.listen({ onUnhandledRequest: "bypass" });
    const basic = Buffer.from(`x-access-token:${token}`).toString("base64");
    const url = `https://github.com/${repository.fullName}.git/info/refs?service=git-receive-pack`;
    const response = await fetch(url, { headers: { authorization: `Basic ${basic}` } });
    expect(response.headers.get("content-type")).toBe("application/x-git-receive-pack-advertisement");
    expect(await response.text()).toContain(`${await repository.head()} refs/heads/main`);
    msw.close();
  });
});

import type { GitHubBox } from "../../src/index.js";
import type { Api, ApiResponse } from "./api-client.js";

/** A request that was sent. */
export interface SentRequest {
  method: string;
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
}

/**
 * Sends requests to all REST routes, successful and refused ones, in a fixed order with fixed content, so that the responses of
 * two boxes are equal. Calls `onResponse` for each.
 */
export async function requestEveryRoute(
  box: GitHubBox,
  clients: { user: Api; reader: Api; app: Api; stranger: Api },
  onResponse: (request: SentRequest, response: ApiResponse) => void | Promise<void>,
): Promise<void> {
  const { user, reader, app, stranger } = clients;
  const go = async (
    method: string,
    path: string,
    body?: unknown,
    { api = user, headers = {} }: { api?: Api; headers?: Record<string, string> } = {},
  ): Promise<ApiResponse> => {
    const response = await api(method, path, body, headers);
    await onResponse({ method, path, body, headers }, response);
    return response;
  };
  await account(go, clients);
  await contents(go);
  await gitData(go, reader);
  await branches(box, go);
  await pulls(go);
  await go("POST", "/repos/octocat/tour/git/blobs", { content: "x" }, { api: app });
  await go("GET", "/repos/octocat/tour", undefined, { api: stranger });
  await go("POST", "/repos/octocat/tour/git/blobs", { content: "x" }, { api: stranger });
  await go("PATCH", "/repos/octocat/tour", { name: "tour-renamed", description: "Renamed" });
  await go("GET", "/repos/octocat/tour");
  await go("PUT", "/repos/octocat/tour/contents/x.txt", { message: "x", content: "eA==" });
  await go("PATCH", "/repos/octocat/tour-renamed", { archived: true });
  await go("POST", "/repos/octocat/tour-renamed/git/blobs", { content: "x" });
  await go("DELETE", "/repos/octocat/tour-renamed");
}

type Go = (
  method: string,
  path: string,
  body?: unknown,
  options?: { api?: Api; headers?: Record<string, string> },
) => Promise<ApiResponse>;

async function account(go: Go, { stranger, app }: { stranger: Api; app: Api }): Promise<void> {
  await go("GET", "/user");
  await go("GET", "/user", undefined, { api: stranger });
  await go("GET", "/users/octocat");
  await go("GET", "/rate_limit");
  await go("GET", "/meta");
  await go("POST", "/user/repos", { name: "tour", description: "A tour" });
  await go("POST", "/user/repos", { name: "tour" });
  await go("POST", "/user/repos", { name: "secret", private: true, auto_init: true });
  await go("GET", "/repos/octocat/secret", undefined, { api: stranger });
  await go("POST", "/orgs/acme/repos", { name: "tools", auto_init: true });
  await go("POST", "/user/repos", { name: "no" }, { api: app });
  await go("POST", "/user/repos", { name: "licensed", gitignore_template: "Terraform", license_template: "mit" });
  await go("POST", "/user/repos", { name: "unlicensed", license_template: "none" });
  await go("POST", "/orgs/acme/repos", { name: "template", auto_init: true, is_template: true });
  await go("POST", "/repos/acme/template/generate", { name: "generated", owner: "acme", private: true });
  await go("POST", "/repos/acme/template/generate", { name: "generated", owner: "acme" });
  await go("PUT", "/repos/acme/template/topics", { names: ["Terraform", "network"] });
  await go("PUT", "/repos/acme/template/topics", { names: ["not a topic"] });
  await go("GET", "/repos/acme/template/topics");
  await go("GET", "/user/repos?per_page=1");
  await go("GET", "/users/octocat/repos");
  await go("GET", "/orgs/acme/repos");
  await go("GET", "/repos/OCTOCAT/Tour");
  await go("GET", "/repos/octocat/tour/hash-algorithm");
}

async function contents(go: Go): Promise<void> {
  const at = "/repos/octocat/tour/contents";
  // In an empty repository, the Git Database API responds with 409; the contents API creates the first commit.
  await go("GET", "/repos/octocat/tour/git/ref/heads/main");
  await go("POST", "/repos/octocat/tour/git/blobs", { content: "x" });
  await go("POST", "/repos/octocat/tour/git/trees", { tree: [] });
  await go("GET", "/repos/octocat/tour/commits");
  const first = await go("PUT", `${at}/README.md`, { message: "Begin", content: "SGVsbG8=" });
  await go("PUT", `${at}/README.md`, { message: "No sha", content: "SGVsbG8=" });
  await go("PUT", `${at}/README.md`, { message: "Wrong sha", content: "SGVsbG8=", sha: "1".repeat(40) });
  await go("PUT", `${at}/README.md`, { message: "Change", content: "SGkK", sha: first.body.content.sha });
  await go("PUT", `${at}/docs/a%20b.md`, { message: "Add", content: "YQ==", branch: "main" });
  await go("PUT", `${at}/docs/a.md`, { message: "Add", content: "YQ==", branch: "missing" });
  await go("GET", `${at}/README.md`);
  await go("GET", `${at}/README.md`, undefined, { headers: { accept: "application/vnd.github.raw+json" } });
  await go("GET", `${at}/docs`);
  await go("GET", `${at}/nothing`);
  const added = await go("GET", `${at}/docs/a%20b.md?ref=main`);
  await go("DELETE", `${at}/docs/a%20b.md`, { message: "Remove", sha: added.body.sha });
}

async function gitData(go: Go, reader: Api): Promise<void> {
  const at = "/repos/octocat/tour/git";
  const ref = await go("GET", `${at}/ref/heads/main`);
  const head: string = ref.body.object.sha;
  await go("GET", `${at}/ref/heads%2Fmain`, undefined, { headers: { "if-none-match": ref.headers.get("etag") ?? "" } });
  await go("GET", `${at}/ref/heads/nothing`);
  await go("GET", `${at}/matching-refs/heads/ma`);
  const blob = await go("POST", `${at}/blobs`, { content: "AAEC", encoding: "base64" });
  await go("POST", `${at}/blobs`, { encoding: "utf-8" });
  await go("GET", `${at}/blobs/${blob.body.sha}`);
  await go("GET", `${at}/blobs/${"1".repeat(40)}`);
  const tree = await go("POST", `${at}/trees`, {
    base_tree: head,
    tree: [
      { path: "bin/data", mode: "100644", type: "blob", sha: blob.body.sha },
      { path: "bin/run.sh", mode: "100755", type: "blob", content: "#!/bin/sh\n" },
    ],
  });
  const bad = { mode: "100644", type: "blob", content: "x" };
  for (const path of ["/x", "", "a//b", "a/../b", ".git/config"]) {
    await go("POST", `${at}/trees`, { base_tree: head, tree: [{ path, ...bad }] });
  }
  await go("POST", `${at}/trees`, { base_tree: head, tree: [{ path: "no", mode: "100644", type: "blob", sha: null }] });
  await go("POST", `${at}/trees`, { base_tree: "1".repeat(40), tree: [] });
  await go("POST", `${at}/trees`, { base_tree: head });
  await go("GET", `${at}/trees/${tree.body.sha}`);
  await go("GET", `${at}/trees/${tree.body.sha}?recursive=1`);
  await go("GET", `${at}/trees/main`);
  const person = { name: "Ann", email: "ann@example.com", date: "2024-02-03T04:05:06+02:00" };
  const commit = await go("POST", `${at}/commits`, {
    message: "Add a program",
    tree: tree.body.sha,
    parents: [head],
    author: person,
  });
  await go("GET", `${at}/commits/${commit.body.sha}`);
  await go("PATCH", `${at}/refs/heads/main`, { sha: commit.body.sha });
  await go("PATCH", `${at}/refs/heads/main`, { sha: head });
  await go("PATCH", `${at}/refs/heads/main`, { sha: "1".repeat(40) });
  await go("PATCH", `${at}/refs/heads/nothing`, { sha: head });
  await go("POST", `${at}/refs`, { ref: "refs/heads/feature/a", sha: head });
  await go("POST", `${at}/refs`, { ref: "refs/heads/feature/a", sha: head });
  await go("POST", `${at}/refs`, { ref: "refs/heads/feature", sha: head });
  await go("POST", `${at}/refs`, { ref: "heads/x", sha: head });
  await go("DELETE", `${at}/refs/heads/feature/a`);
  await go("DELETE", `${at}/refs/heads/feature/a`);
  await go("DELETE", `${at}/refs/heads/main`);
  await go("POST", `${at}/blobs`, { content: "x" }, { api: reader });
  await go("GET", "/repos/octocat/tour/commits?per_page=2");
  await go("GET", `/repos/octocat/tour/commits/${commit.body.sha}`);
  await go("GET", "/repos/octocat/tour/commits/nothing");
  await go("GET", `/repos/octocat/tour/compare/${head}...main`);
  await go("GET", `/repos/octocat/tour/compare/main...${head}`);
  await go("GET", "/repos/octocat/tour/compare/main...nothing");
}

async function branches(box: GitHubBox, go: Go): Promise<void> {
  const at = "/repos/octocat/tour";
  await go("GET", `${at}/branches`);
  await go("GET", `${at}/branches/main`);
  await go("GET", `${at}/branches/nothing`);
  await go("GET", `${at}/branches/main/protection`);
  await go("GET", `${at}/rules/branches/main`);
  const repository = box.repository("octocat", "tour");
  const head = (await repository?.head()) ?? "";
  await go("POST", `${at}/git/refs`, { ref: "refs/heads/guarded", sha: head });
  await go("POST", `${at}/git/refs`, { ref: "refs/heads/classic", sha: head });
  repository?.setRules("guarded", [{ type: "pull_request" }, { type: "required_signatures" }]);
  repository?.protect("classic", { requiredPullRequestReviews: true, requiredStatusChecks: ["ci"] });
  await go("GET", `${at}/rules/branches/guarded`);
  await go("GET", `${at}/branches/guarded/protection`);
  await go("GET", `${at}/branches/classic/protection`);
  const change = { message: "Change", content: "eA==" };
  await go("PUT", `${at}/contents/x.txt`, { ...change, branch: "guarded" });
  await go("PUT", `${at}/contents/x.txt`, { ...change, branch: "classic" });
  const tree = (await go("GET", `${at}/git/commits/${head}`)).body.tree.sha;
  const person = { name: "Ann", email: "ann@example.com", date: "2024-02-03T04:05:07Z" };
  const next = await go("POST", `${at}/git/commits`, { message: "Next", tree, parents: [head], author: person });
  await go("PATCH", `${at}/git/refs/heads/guarded`, { sha: next.body.sha });
  await go("PATCH", `${at}/git/refs/heads/classic`, { sha: next.body.sha });
}

async function pulls(go: Go): Promise<void> {
  const at = "/repos/octocat/tour";
  const head = (await go("GET", `${at}/git/ref/heads/main`)).body.object.sha;
  await go("POST", `${at}/git/refs`, { ref: "refs/heads/topic", sha: head });
  const wanted = { title: "Topic", head: "topic", base: "main", body: "Please" };
  await go("POST", `${at}/pulls`, wanted);
  await go("PUT", `${at}/contents/topic.txt`, { message: "Topic", content: "eA==", branch: "topic" });
  const pull = await go("POST", `${at}/pulls`, wanted);
  await go("POST", `${at}/pulls`, wanted);
  await go("POST", `${at}/pulls`, { ...wanted, head: "nothing" });
  await go("GET", `${at}/pulls?state=open&head=octocat:topic&base=main`);
  const { number } = pull.body;
  await go("POST", `${at}/issues/${number}/labels`, { labels: ["infra", "Automated"] });
  await go("POST", `${at}/issues/${number}/labels`, { labels: ["INFRA"] });
  await go("POST", `${at}/issues/${number}/labels`, { labels: ["x".repeat(51)] });
  await go("POST", `${at}/issues/99/labels`, { labels: ["infra"] });
  await go("POST", `${at}/pulls/${number}/requested_reviewers`, { reviewers: ["unknown-login"] });
  await go("POST", `${at}/pulls/${number}/requested_reviewers`, { reviewers: ["octocat"] });
  await go("POST", `${at}/pulls/${number}/requested_reviewers`, { reviewers: [], team_reviewers: [] });
  await go("GET", `${at}/pulls/${number}`);
  await go("GET", `${at}/pulls/99`);
}

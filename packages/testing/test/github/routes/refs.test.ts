import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BoxRepository, createGitHubBox, type GitHubBox } from "../../../src/index.js";
import { type Api, apiClient, graphql } from "../api-client.js";
import { GitClient } from "../git-client.js";
import { CREATE_REF } from "../graphql/queries.js";

let box: GitHubBox;
let api: Api;
let token: string;
let repository: BoxRepository;
let head: string;

beforeAll(async () => {
  box = await createGitHubBox();
  token = box.addToken({ login: "octocat" });
  api = apiClient(box, token);
  repository = await box.createRepository({ owner: "octocat", name: "refs" });
  head = await repository.commit({ files: { "a.txt": "a" } });
});
afterAll(() => box.close());

/** A full ref name of so many bytes, with short components. */
function refOf(bytes: number): string {
  const start = `refs/heads/${"ü/".repeat(70)}`;
  return start + "x".repeat(bytes - Buffer.byteLength(start));
}

const MESSAGE = "Sorry, refs longer than 255 bytes are not allowed.";

describe("refs of more than 255 bytes", () => {
  it("are refused by POST /repos/{owner}/{repo}/git/refs with 422", async () => {
    const create = (ref: string) => api("POST", "/repos/octocat/refs/git/refs", { ref, sha: head });
    expect(Buffer.byteLength(refOf(255))).toBe(255);
    expect(await create(refOf(256))).toMatchObject({ status: 422, body: { message: MESSAGE } });
    expect(await create(`refs/heads/${"x".repeat(250)}`)).toMatchObject({ status: 422, body: { message: MESSAGE } });
    expect((await create(refOf(255))).status).toBe(201);
  });

  it("are refused by PUT /repos/{owner}/{repo}/contents/{path} in an empty repository", async () => {
    await box.createRepository({ owner: "octocat", name: "empty" });
    const body = { message: "m", content: "eA==", branch: refOf(256).slice("refs/heads/".length) };
    const response = await api("PUT", "/repos/octocat/empty/contents/a.txt", body);
    expect(response).toMatchObject({ status: 422, body: { message: MESSAGE } });
  });

  it("are refused by createRef as UNPROCESSABLE", async () => {
    const repositoryId = (await api("GET", "/repos/octocat/refs")).body.node_id;
    const { body } = await graphql(api, CREATE_REF, { input: { repositoryId, name: refOf(256), oid: head } });
    expect(body.errors).toMatchObject([{ type: "UNPROCESSABLE", message: MESSAGE }]);
  });

  it.each([[false], [true]])(
    "are refused by a push with GH005 (with rules for another branch: %s)",
    async (hasRules) => {
      repository.setRules("other", hasRules ? [{ type: "pull_request" }] : []);
      const server = await box.listen();
      const git = await GitClient.open(server.serverUrl, "octocat/refs", token);
      await git.clone();
      await git.commit({ "b.bin": "b".repeat(100_000) });
      const { code, stderr } = await git.run("push", "origin", `HEAD:${refOf(256)}`);
      expect(code).not.toBe(0);
      expect(stderr).toContain(`remote: error: GH005: ${MESSAGE}`);
      expect(stderr).toContain("(pre-receive hook declined)");
      expect(await git.run("push", "--quiet", "origin", `HEAD:${refOf(254)}`)).toMatchObject({ code: 0 });
      expect(await git.run("push", "--quiet", "origin", `:${refOf(254)}`)).toMatchObject({ code: 0 });
      await git.close();
      await server.close();
    },
  );
});

describe("GET /repos/{owner}/{repo}/git/matching-refs/{ref}", () => {
  it("has the date of the newest commit as Last-Modified", async () => {
    const { headers } = await api("GET", "/repos/octocat/refs/git/matching-refs/heads/ma");
    const commit = await api("GET", `/repos/octocat/refs/git/commits/${head}`);
    expect(headers.get("last-modified")).toBe(commit.headers.get("last-modified"));
    const none = await api("GET", "/repos/octocat/refs/git/matching-refs/heads/nothing");
    expect([none.body, none.headers.has("last-modified")]).toEqual([[], false]);
  });
});

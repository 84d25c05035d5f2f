import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BoxRepository, createGitHubBox, type GitHubBox } from "../../../src/index.js";
import { type Api, apiClient } from "../api-client.js";

let box: GitHubBox;
let api: Api;
let repository: BoxRepository;
const at = "/repos/octocat/links/contents";

beforeAll(async () => {
  box = await createGitHubBox();
  api = apiClient(box, box.addToken({ login: "octocat" }));
  repository = await box.createRepository({ owner: "octocat", name: "links" });
  const link = (content: string) => ({ content, mode: "120000" }) as const;
  await repository.commit({
    files: {
      "docs/a b.md": "text",
      "docs/inside.md": link("a b.md"),
      "up.md": link("docs/../docs/a b.md"),
      "folder-link": link("docs"),
      outside: link("../../etc/passwd"),
      missing: link("nothing"),
    },
  });
});
afterAll(() => box.close());

describe("GET /repos/{owner}/{repo}/contents/{path}", () => {
  it.each(["docs/", "docs/a%20b.md/", "nothing/"])("redirects the path %s with a trailing slash", async (path) => {
    const { status, headers } = await api("GET", `${at}/${path}?ref=main`);
    expect([status, headers.get("location")]).toEqual([
      302,
      `https://api.github.com/repositories/${repository.id}/contents/${path.slice(0, -1)}`,
    ]);
  });

  it("returns the root for the path of the root with a trailing slash", async () => {
    expect((await api("GET", `${at}/`)).body).toHaveLength(5);
  });

  it.each([
    ["docs/inside.md", "a b.md"],
    ["up.md", "docs/../docs/a b.md"],
  ])("returns the target file and the target of the symbolic link %s", async (path, target) => {
    const { body, headers } = await api("GET", `${at}/${path}`);
    const file = (await api("GET", `${at}/docs/a%20b.md`)).body;
    expect(body).toMatchObject({ type: "file", path, target, sha: file.sha, size: 4, content: file.content });
    expect(headers.get("etag")).toBe(`W/"${file.sha}"`);
    expect(file).not.toHaveProperty("target");
  });

  it.each([
    ["folder-link", "docs"],
    ["outside", "../../etc/passwd"],
    ["missing", "nothing"],
  ])("returns the symbolic link %s itself when its target is not a file of the repository", async (path, target) => {
    const { body } = await api("GET", `${at}/${path}`);
    expect(body).toMatchObject({ type: "symlink", path, target, size: target.length });
    expect(body).not.toHaveProperty("content");
  });
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BoxRepository, createGitHubBox, type GitHubBox } from "../../../src/index.js";
import { type Api, apiClient } from "../api-client.js";

let box: GitHubBox;
let api: Api;
let repository: BoxRepository;
let base: string;
let commits: string[];
const at = "/repos/octocat/long";

beforeAll(async () => {
  box = await createGitHubBox();
  api = apiClient(box, box.addToken({ login: "octocat" }));
  repository = await box.createRepository({ owner: "octocat", name: "long" });
  base = await repository.commit({ files: { "a.txt": "a" } });
  commits = [];
  for (let index = 0; index < 260; index += 1) {
    commits.push(await repository.commit({ message: `${index}`, files: { "a.txt": `${index}` } }));
  }
});
afterAll(() => box.close());

const shas = (list: { sha: string }[]): string[] => list.map(({ sha }) => sha);

describe("GET /repos/{owner}/{repo}/compare/{basehead}", () => {
  it("returns the last 250 commits and no Link without paging parameters", async () => {
    const { body, headers } = await api("GET", `${at}/compare/${base}...main`);
    expect(shas(body.commits)).toEqual(commits.slice(10));
    expect(body).toMatchObject({ total_commits: 260, files: [{ filename: "a.txt" }] });
    expect(headers.has("link")).toBe(false);
    const head = (await api("GET", `${at}/commits/main`)).headers.get("last-modified");
    expect(headers.get("last-modified")).toBe(head);
  });

  it("returns files only on the first page, and Link with the repository's ID", async () => {
    const first = await api("GET", `${at}/compare/${base}...main?per_page=100`);
    expect(shas(first.body.commits)).toEqual(commits.slice(0, 100));
    expect(first.body.files).toHaveLength(1);
    expect(first.headers.get("link")).toContain(
      `<https://api.github.com/repositories/${repository.id}/compare/${base}...${commits.at(-1)}?per_page=100&page=2>; rel="next"`,
    );
    const third = await api("GET", `${at}/compare/${base}...main?per_page=100&page=3`);
    expect(shas(third.body.commits)).toEqual(commits.slice(200));
    expect(third.body).not.toHaveProperty("files");
  });

  it("returns 30 commits per page with the parameter page alone", async () => {
    expect(shas((await api("GET", `${at}/compare/${base}...main?page=2`)).body.commits)).toEqual(commits.slice(30, 60));
  });
});

describe("GET /repos/{owner}/{repo}/commits/{ref}", () => {
  it("returns the files of a commit in pages of 300", async () => {
    const many = await box.createRepository({ owner: "octocat", name: "many" });
    const files = Object.fromEntries(Array.from({ length: 310 }, (_, index) => [`f${index}.txt`, `${index}`]));
    const sha = await many.commit({ files });
    const first = await api("GET", "/repos/octocat/many/commits/main");
    expect(first.body.files).toHaveLength(300);
    expect(first.body.stats).toMatchObject({ additions: 310 });
    expect(first.headers.get("link")).toBe(
      `<https://api.github.com/repositories/${many.id}/commits/${sha}?page=2>; rel="next", <https://api.github.com/repositories/${many.id}/commits/${sha}?page=2>; rel="last"`,
    );
    const [, next = ""] = /^<https:\/\/api\.github\.com(.*?)>/.exec(first.headers.get("link") ?? "") ?? [];
    const second = await api("GET", next);
    expect(second.body).toMatchObject({ sha, stats: { additions: 310 } });
    expect(second.body.files).toHaveLength(10);
    expect((await api("GET", "/repos/octocat/many/commits/main?per_page=50&page=7")).body.files).toHaveLength(10);
  });

  it("returns no Link for a commit with few files", async () => {
    expect((await api("GET", `${at}/commits/main`)).headers.has("link")).toBe(false);
  });
});

describe("lists of a repository", () => {
  it("have a Link with the repository's ID, which can be followed", async () => {
    const { headers } = await api("GET", `${at}/commits?per_page=100`);
    const [, next = ""] = /^<https:\/\/api\.github\.com(.*?)>/.exec(headers.get("link") ?? "") ?? [];
    expect(next).toBe(`/repositories/${repository.id}/commits?per_page=100&page=2`);
    expect((await api("GET", next)).body).toHaveLength(100);
  });
});

import { afterEach, expect, it, vi } from "vitest";
import { OpenApi } from "../../../testing/test/github/openapi.js";
import { readBlob, readEntries, readHead } from "../../src/repository/branch-reader.js";
import { createGitDataWriter } from "../../src/repository/git-data-writer.js";
import { findLandedCommit } from "../../src/repository/landed-commit.js";
import { openPullRequest } from "../../src/repository/pull-request.js";
import { BoxedGitHub, blobId, never } from "./boxed-github.js";

afterEach(() => vi.unstubAllGlobals());

it("are as GitHub describes them, path and body", { timeout: 60_000 }, async () => {
  const openApi = new OpenApi();
  const github = await BoxedGitHub.start();
  const empty = await BoxedGitHub.start({ empty: true });
  const problems: string[] = [];
  const routes = new Set<string>();
  const original = globalThis.fetch;
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    const response = await original(url, init);
    const answered = url.startsWith(github.url) ? github : empty;
    const route = answered.box.requests.at(-1)?.route ?? "";
    const isRaw = String(new Headers(init.headers).get("accept")).includes("raw");
    if (route === "POST /graphql" || isRaw || response.status >= 300) return response;
    routes.add(route);
    const requestBody = typeof init.body === "string" ? JSON.parse(init.body) : {};
    const responseBody = await response.clone().json();
    problems.push(...openApi.problems({ route, requestBody, status: response.status, responseBody }));
    return response;
  });

  const writer = createGitDataWriter();
  const writes = { "a.txt": "a", "b.bin": new Uint8Array([0, 1]), "c.sh": { content: "#!", mode: "100755" } } as const;
  const landed = { branch: "main", expectedHead: await github.repository.head(), trailer: "none", commitId: null };
  await github.write(writer, await github.changeSet({ writes, deletes: ["docs/guide.md"] }));
  await empty.write(writer, await empty.changeSet({ writes }));
  github.box.control.disableMutation("updateRefs");
  await github.write(writer, await github.changeSet({ writes: { "a.txt": "b" } }));
  await github.write(writer, await github.changeSet({ branch: "new", writes: { "a.txt": "c" } }));
  await readHead(github.client, "octo/project", "main", null, never);
  await readEntries(github.client, "octo/project", (await github.view()).rootTree ?? "", never);
  await readBlob(github.client, "octo/project", blobId(Buffer.from("b")), never);
  await findLandedCommit(github.client, "octo/project", landed, never);
  await findLandedCommit(github.client, "octo/project", { ...landed, expectedHead: null }, never);
  const draft = { head: "new", base: "main", title: "Sync", body: "" };
  await openPullRequest(github.client, "octo/project", draft, never);

  expect(problems).toEqual([]);
  expect([...routes].sort()).toEqual([
    "GET /repos/{owner}/{repo}/commits",
    "GET /repos/{owner}/{repo}/compare/{basehead}",
    "GET /repos/{owner}/{repo}/git/ref/{ref}",
    "GET /repos/{owner}/{repo}/git/trees/{tree_sha}",
    "PATCH /repos/{owner}/{repo}/git/refs/{ref}",
    "POST /repos/{owner}/{repo}/git/blobs",
    "POST /repos/{owner}/{repo}/git/commits",
    "POST /repos/{owner}/{repo}/git/refs",
    "POST /repos/{owner}/{repo}/git/trees",
    "POST /repos/{owner}/{repo}/pulls",
    "PUT /repos/{owner}/{repo}/contents/{path}",
  ]);
  await github.close();
  await empty.close();
});

import { afterAll, beforeAll, expect, it } from "vitest";
import { createGitHubClients } from "../../src/github/github-clients.js";
import { linkedPage, pages, totalCount } from "../../src/github/pagination.js";
import { ScriptedServer } from "./scripted-server.js";

let server: ScriptedServer;
beforeAll(async () => {
  server = await ScriptedServer.start();
});
afterAll(() => server.close());

it("linkedPage and totalCount read the relations of a Link header", () => {
  const link =
    '<https://api.github.com/x?per_page=1&page=2>; rel="next", <https://api.github.com/x?per_page=1&page=7>; rel="last"';
  expect(linkedPage({ link }, "next")).toEqual({ per_page: "1", page: "2" });
  expect(linkedPage({ link }, "last")).toEqual({ per_page: "1", page: "7" });
  expect(linkedPage({ link: '<https://x/a,b?after=c,d>; rel="next"' }, "next")).toEqual({ after: "c,d" });
  expect(linkedPage({ link }, "next")).not.toBeNull();
  expect(linkedPage({ link: '<https://x>; rel="prev"' }, "next")).toBeNull();
  expect(linkedPage({}, "next")).toBeNull();
  expect(totalCount({ link }, 1)).toBe(7);
  expect(totalCount({}, 1)).toBe(1);
  expect(totalCount({}, 0)).toBe(0);
});

it("pages requests the next page from its own server, whatever host the link names", async () => {
  server.answer = ({ path }) => ({
    status: 200,
    body: [path],
    headers: path.includes("page=2")
      ? {}
      : { link: '<https://elsewhere.example/other?per_page=100&page=2>; rel="next"' },
  });
  const client = createGitHubClients({ apiUrl: server.url, userAgent: "test" }).for({
    key: "a",
    kind: "user",
    token: async () => "t",
  });
  const seen: unknown[] = [];
  for await (const page of pages(client, "GET /items/{id}", { id: 5 }, { signal: new AbortController().signal }))
    seen.push(page.data);
  expect(seen).toEqual([["/items/5?per_page=100"], ["/items/5?per_page=100&page=2"]]);
});

it("pages stops at a list that does not end", async () => {
  let requests = 0;
  const next = { link: '<https://api.github.com/x?page=2>; rel="next"' };
  const client = {
    apiUrl: "",
    credential: { key: "a", kind: "user" as const, token: async () => "t" },
    request: async () => ({ status: 200, headers: next, data: ++requests }),
    graphql: () => Promise.reject(new Error("not used")),
    git: () => Promise.reject(new Error("not used")),
  };
  const readAll = async (): Promise<void> => {
    for await (const _ of pages(client, "GET /x", {}, { signal: new AbortController().signal }));
  };
  await expect(readAll()).rejects.toMatchObject({ code: "github_unavailable" });
  expect(requests).toBe(1000);
});

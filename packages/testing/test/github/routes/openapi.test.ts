import { afterAll, describe, expect, it } from "vitest";
import { ROUTES } from "../../../src/github/routes/route-table.js";
import { createGitHubBox } from "../../../src/index.js";
import { type ApiResponse, apiClient } from "../api-client.js";
import { requestAsApps } from "../app-requests.js";
import { asDescribed, OpenApi } from "../openapi.js";
import { requestEveryRoute, type SentRequest } from "../rest-requests.js";

/** Routes that GitHub supports but does not describe. */
const LEGACY = new Set(["GET /repos/{owner}/{repo}/git/refs/{ref}"]);

const box = await createGitHubBox();
afterAll(() => box.close());

describe("REST routes", () => {
  it("responds as GitHub's OpenAPI description says", async () => {
    const openApi = new OpenApi();
    box.addOrganization({ login: "acme", admins: ["octocat"] });
    const clients = {
      user: apiClient(box, box.addToken({ login: "octocat" })),
      reader: apiClient(box, box.addToken({ login: "reader" })),
      app: apiClient(box, box.addToken({ login: "octocat", kind: "installation", permissions: { contents: "read" } })),
      stranger: apiClient(box),
    };
    const problems: string[] = [];
    const succeeded = new Set<string>();
    const statuses = new Set<number>();
    const onResponse = ({ body, headers }: SentRequest, { status, body: response }: ApiResponse): void => {
      const route = box.requests.at(-1)?.route ?? "";
      statuses.add(status);
      if (status < 300) succeeded.add(route);
      if (LEGACY.has(route) || headers?.accept !== undefined || status === 304) return;
      const exchange = { route, requestBody: body ?? {}, status, responseBody: response === "" ? undefined : response };
      for (const described of asDescribed(exchange)) problems.push(...openApi.problems(described));
    };
    await requestEveryRoute(box, clients, onResponse);
    await requestAsApps(box, onResponse);
    expect(problems).toEqual([]);
    expect([...statuses].sort()).toEqual([200, 201, 202, 204, 301, 304, 307, 401, 403, 404, 409, 422]);
    const routes = ROUTES.map(({ method, template }) => `${method} ${template}`);
    expect(routes.filter((route) => !succeeded.has(route) && !LEGACY.has(route))).toEqual([]);
    expect(routes.filter((route) => !openApi.knows(route))).toEqual([...LEGACY]);
  });
});

describe("OpenApi.requestProblems", () => {
  const openApi = new OpenApi();
  const problems = (route: string, query: string, body?: unknown) =>
    openApi.requestProblems({ route, query: new URLSearchParams(query), body });
  const blobs = "POST /repos/{owner}/{repo}/git/blobs";

  it("accepts parameters and members of the description", () => {
    expect(problems("GET /repos/{owner}/{repo}/pulls", "state=open&per_page=5&head=a:b")).toEqual([]);
    expect(problems(blobs, "", { content: "x", encoding: "utf-8" })).toEqual([]);
  });

  it("reports unknown and invalid query parameters, unknown and missing members, and an unexpected body", () => {
    expect(problems("GET /repos/{owner}/{repo}/pulls", "state=closing&per_page=x&author=a")).toEqual([
      expect.stringContaining("the query parameter state has the invalid value closing"),
      expect.stringContaining("the query parameter per_page has the invalid value x"),
      expect.stringContaining("the query parameter author is not in GitHub's description"),
    ]);
    expect(problems(blobs, "", { content: "x", invented: 1 })).toEqual([
      expect.stringContaining("body.invented is not in GitHub's description"),
    ]);
    expect(problems(blobs, "", {})).toEqual([expect.stringContaining("must have required property 'content'")]);
    expect(problems("GET /user", "", {})).toEqual(["GET /user: has no request body"]);
    expect(problems("GET /nothing", "")).toEqual(["GET /nothing is not in GitHub's description"]);
  });
});

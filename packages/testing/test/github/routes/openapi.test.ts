import { afterAll, expect, test } from "vitest";
import { ROUTES } from "../../../src/github/routes/route-table.js";
import { createGitHubBox } from "../../../src/index.js";
import { type ApiAnswer, apiClient } from "../api-client.js";
import { requestAsApps } from "../app-requests.js";
import { type Exchange, OpenApi } from "../openapi.js";
import { requestEveryRoute, type Stop } from "../rest-requests.js";

/** Routes that GitHub answers although its description has left them out. */
const LEGACY = new Set(["GET /repos/{owner}/{repo}/git/refs/{ref}"]);

/**
 * The description of the list of installations asks for an account that is a user and an enterprise at once, which none is;
 * its items are held against the description of one installation.
 */
function asDescribed(exchange: Exchange): Exchange[] {
  const { route, status, responseBody } = exchange;
  if (route !== "GET /app/installations" || status !== 200 || !Array.isArray(responseBody)) return [exchange];
  const one = { ...exchange, route: "GET /app/installations/{installation_id}" };
  return responseBody.map((item: unknown) => ({ ...one, responseBody: item }));
}

const box = await createGitHubBox();
afterAll(() => box.close());

test("every answer and every accepted request of the tour is as GitHub describes it", { timeout: 60_000 }, async () => {
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
  const visit = ({ body, headers }: Stop, { status, body: answer }: ApiAnswer): void => {
    const route = box.requests.at(-1)?.route ?? "";
    statuses.add(status);
    if (status < 300) succeeded.add(route);
    if (LEGACY.has(route) || headers?.accept !== undefined || status === 304) return;
    const exchange = { route, requestBody: body ?? {}, status, responseBody: answer === "" ? undefined : answer };
    for (const described of asDescribed(exchange)) problems.push(...openApi.problems(described));
  };
  await requestEveryRoute(box, clients, visit);
  await requestAsApps(box, visit);
  expect(problems).toEqual([]);
  expect([...statuses].sort()).toEqual([200, 201, 202, 204, 301, 304, 307, 401, 403, 404, 409, 422]);
  const routes = ROUTES.map(({ method, template }) => `${method} ${template}`);
  expect(routes.filter((route) => !succeeded.has(route) && !LEGACY.has(route))).toEqual([]);
  expect(routes.filter((route) => !openApi.knows(route))).toEqual([...LEGACY]);
});

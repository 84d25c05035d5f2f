import { createGitHubHttp } from "@infrajet/github/http";
import { createContractFixture } from "@infrajet/github-testing/contract";
import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import { type Caller, type FuzzedRequest, fuzzedRequests } from "./fuzzed-requests.js";
import { validatedFetch } from "./validated-responses.js";

/** `HTTP_FUZZ_REQUESTS=5000` sends more requests. */
const REQUESTS = Number(process.env.HTTP_FUZZ_REQUESTS ?? 1_500);

let answer: (request: Request) => Promise<Response> = () => Promise.reject(new Error("no host"));
const fixture = createContractFixture(async ({ sdk, options }) => {
  answer = validatedFetch(createGitHubHttp(sdk, { ...options, syncWaitSeconds: 0.02 }));
  return { url: "http://host.example", close: async () => {} };
});
afterAll(() => fixture.close());

it("every endpoint returns a documented response to random requests", { timeout: 600_000 }, async () => {
  const { baseUrl, known, tokens } = await prepare();
  const seen = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(fuzzedRequests(known), async (fuzzed) => {
      const response = await answer(toRequest(baseUrl, fuzzed, tokens));
      const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") ?? false;
      if (isStream) await response.body?.cancel();
      const text = isStream ? "" : await response.text();
      seen.set(response.status, (seen.get(response.status) ?? 0) + 1);
      // A malformed signed delivery fails, so that GitHub can deliver it again.
      if (!text.includes('"webhook_handler_failed"')) expect(response.status, text).toBeLessThan(500);
      expect(text).not.toMatch(/node_modules|\n\s+at |PRIVATE KEY/);
    }),
    { numRuns: REQUESTS, endOnFailure: true },
  );
  // The test would prove little if every request failed the first validation.
  for (const status of [200, 303, 400, 401, 403, 404, 405, 422]) expect(seen.get(status) ?? 0).toBeGreaterThan(0);
  expect(seen.get(200)).toBeGreaterThan(REQUESTS / 10);
});

/** Creates a host with users of every kind, a repository and an installation. */
async function prepare() {
  const host = await fixture.host("complete");
  const { box } = host;
  const owner = "fuzz-owner";
  box.addUser({ login: owner });
  await box.createRepository({ owner, name: "infra", autoInit: true });
  const { id: installationId } = box.install(host.app, { account: owner });
  const tokens: Record<Caller, string> = {
    connected: await host.tokenFor("fuzz-connected"),
    installed: await host.tokenFor("fuzz-installed"),
    stranger: await host.tokenFor("fuzz-stranger"),
    liar: "a.b.c",
  };
  for (const [userId, client, login] of [
    ["fuzz-connected", "oauth", "fuzz-other"],
    ["fuzz-installed", "app", owner],
  ] as const) {
    if (login !== owner) box.addUser({ login });
    const headers = { authorization: `Bearer ${await host.tokenFor(userId)}`, "content-type": "application/json" };
    const begun = await answer(new Request(`${host.baseUrl}/auth/login?client=${client}`, { headers }));
    const { authorization_url } = (await begun.json()) as { authorization_url: string };
    const { code, state } = await box.authorize(authorization_url, { login });
    const body = JSON.stringify({ code, state });
    expect((await answer(new Request(`${host.baseUrl}/auth/callback`, { method: "POST", headers, body }))).status).toBe(
      200,
    );
    for (const project of ["network", "storage"]) {
      await host.writeProject(userId, project, { "main.tf": "terraform {}\n", "modules/a.tf": "# a\n" });
    }
  }
  const known = { owner, repository: "infra", installationId, webhookSecret: host.webhookSecret };
  return { baseUrl: host.baseUrl, known, tokens };
}

function toRequest(baseUrl: string, fuzzed: FuzzedRequest, tokens: Readonly<Record<Caller, string>>): Request {
  const { method, path, headers, body, caller } = fuzzed;
  const authorization = caller === null ? {} : { authorization: `Bearer ${tokens[caller]}` };
  return new Request(`${baseUrl}${path}`, { method, headers: { ...headers, ...authorization }, body });
}

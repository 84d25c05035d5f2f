import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Host } from "./host.js";

let host: Host;
beforeEach(async () => {
  host = await Host.start();
});
afterEach(() => host.close());

const respond = { status: 429, headers: { "retry-after": "30" }, body: { message: "rate limit" } };

it("calls that a person waits for reject when GitHub's rate limit lasts longer than five seconds", async () => {
  await host.connect("7", "ann");
  const acme = await host.install("7", "ann", "acme");
  const limited = { code: "rate_limited", status: 429, details: { retryAfter: 30 } };
  const isNear = expect.toSatisfy((retryAfter: number) => retryAfter > 25 && retryAfter <= 30);
  for (const [path, call] of [
    ["/user/repos", () => host.sdk.connections.repositories("7")],
    ["/user/installations", () => host.sdk.app.installations({ userId: "7" })],
    ["/installation/repositories", () => host.sdk.app.repositories({ userId: "7", installationId: acme })],
    ["/orgs/{org}/repos", () => host.sdk.app.createRepository({ userId: "7", installationId: acme, name: "infra" })],
  ] as const) {
    host.box.control.fault({ path, when: "before", respond });
    await expect(call()).rejects.toMatchObject({ ...limited, details: { retryAfter: isNear } });
    await expect(call()).rejects.toMatchObject({ code: "rate_limited" });
    host.clock.putForward(31_000);
  }
});

it("requests with the App's JWT wait at most five seconds for a person, and longer in the background", async () => {
  await host.connect("7", "ann");
  const installationId = await host.install("7", "ann", "acme");
  const request = { installationId, permissions: { contents: "read" } };
  host.box.control.fault({ path: /access_tokens$/, when: "before", respond });
  const token = () => host.sdk.app.token({ userId: "7", ...request });
  await expect(token()).rejects.toMatchObject({ code: "rate_limited", status: 429 });
  await expect(token()).rejects.toMatchObject({ code: "rate_limited" });
  const files = { "a.txt": "a" };
  await host.box.createRepository({ owner: "acme", name: "infra", autoInit: true });
  const push = host.sdk.app.push({ userId: "7", installationId, repository: "acme/infra", message: "Begin", files });
  await expect(push).rejects.toMatchObject({ code: "rate_limited" });
  const waits = skipRateLimits();
  await host.sdk.app.unchecked.credential(request).token();
  expect(waits).toEqual([expect.toSatisfy((wait: number) => wait > 20_000 && wait <= 31_000)]);
});

it("a sync that a person waits for is rejected when the rate limit lasts longer than five seconds", async () => {
  await host.connect("7", "ann");
  await host.box.createRepository({ owner: "ann", name: "infra", autoInit: true });
  host.files.setProject({ userId: "7", projectId: "network" }, { "a.txt": "a" });
  const request = { project: { userId: "7", projectId: "network" }, repository: "ann/infra" };
  host.box.control.fault({ path: /\/graphql$/, when: "before", respond });
  const options = { isInteractive: true };
  await expect(host.sdk.sync.plan(request, options)).rejects.toMatchObject({ code: "rate_limited", status: 429 });
  await expect(host.sdk.sync.submit(request, options)).rejects.toMatchObject({ code: "rate_limited" });
  skipRateLimits();
  expect(await host.sdk.sync.plan(request)).toMatchObject({ changes: [{ path: "a.txt" }] });
});

/** Lets waits for a rate limit pass at once. Returns their milliseconds. */
function skipRateLimits(): readonly number[] {
  const waits: number[] = [];
  const sleep = host.clock.sleep.bind(host.clock);
  vi.spyOn(host.clock, "sleep").mockImplementation(async (milliseconds, signal) => {
    // Timeouts are longer.
    if (milliseconds <= 5_000 || milliseconds > 31_000) return sleep(milliseconds, signal);
    waits.push(milliseconds);
    host.clock.putForward(milliseconds);
  });
  return waits;
}

import { afterEach, beforeEach, expect, it } from "vitest";
import { Host } from "./host.js";

let host: Host;
beforeEach(async () => {
  host = await Host.start();
});
afterEach(() => host.close());

it("calls that a person waits for reject when GitHub's rate limit lasts longer than five seconds", async () => {
  await host.connect("7", "ann");
  const acme = await host.install("7", "ann", "acme");
  const respond = { status: 429, headers: { "retry-after": "30" }, body: { message: "rate limit" } };
  const limited = { code: "rate_limited", status: 429, details: { retryAfter: 30 } };
  const isNear = expect.toSatisfy((retryAfter: number) => retryAfter > 25 && retryAfter <= 30);
  for (const [path, call] of [
    ["/user/repos", () => host.sdk.connections.repositories("7")],
    ["/user/installations", () => host.sdk.app.installations({ userId: "7" })],
    ["/orgs/{org}/repos", () => host.sdk.app.createRepository({ userId: "7", installationId: acme, name: "infra" })],
  ] as const) {
    host.box.control.fault({ path, when: "before", respond });
    await expect(call()).rejects.toMatchObject({ ...limited, details: { retryAfter: isNear } });
    await expect(call()).rejects.toMatchObject({ code: "rate_limited" });
    host.clock.putForward(31_000);
  }
});

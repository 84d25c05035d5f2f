import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createGitHubHttp } from "../../src/http/github-http.js";
import { nodeHandler } from "../../src/node/node-handler.js";
import { SyncFixture } from "../sync/sync-fixture.js";

let fixture: SyncFixture;
beforeEach(async () => {
  fixture = await SyncFixture.create();
});
afterEach(() => fixture.close());

it("an event stream ends when its server begins to close, and its connection is freed", async () => {
  const [sdk] = fixture.sdks;
  if (sdk === undefined) throw new Error("no SDK");
  const http = createGitHubHttp(sdk, {
    authenticator: { authenticate: async () => ({ id: 7 }) },
    authorizeProject: () => true,
    sharedCredential: true,
    maxSocketsPerUser: 1,
  });
  const server = createServer(nodeHandler(http));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/github/events?project_id=infra`;
  const response = await fetch(url);
  expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  expect((await fetch(url, { method: "HEAD" })).status).toBe(200);
  const refused = await fetch(url);
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "60"]);
  await refused.text();
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  expect(await response.text()).toContain("event: subscription_confirmed");
  await closed;
  expect(sdk.realtime.hasRoom("7", 1)).toBe(true);
});

import { createGitHubHttp, type HttpRequest } from "@infrajet/github/http";
import { MemoryAuthenticator } from "@infrajet/github/memory";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ByteBudget } from "../../src/http/body-stream.js";
import { assertBoundedJson } from "../../src/http/json-bounds.js";
import { memoryInUse } from "../node/memory-in-use.js";
import { SyncFixture } from "../sync/sync-fixture.js";

let fixture: SyncFixture;

beforeAll(async () => {
  fixture = await SyncFixture.create({});
});
afterAll(() => fixture.close());

describe("assertBoundedJson", () => {
  const bytes = (text: string) => Buffer.from(text, "utf8");

  it("refuses JSON with more than 250,000 values", () => {
    expect(() => assertBoundedJson(bytes(`[${"[],".repeat(250_000)}[]]`))).toThrow(/250000 values/);
  });

  it("refuses JSON that is nested deeper than 32 levels", () => {
    expect(() => assertBoundedJson(bytes("[".repeat(33)))).toThrow(/deeper than 32/);
  });

  it("accepts long strings with any characters", () => {
    const text = JSON.stringify({ a: `${'[{,"\\'.repeat(200_000)}`, b: [1, 2] });
    expect(() => assertBoundedJson(bytes(text))).not.toThrow();
  });
});

describe("ByteBudget", () => {
  it("rejects a body over the limit of all readers and releases what was read", async () => {
    const budget = new ByteBudget(100);
    const chunks = async function* (...sizes: number[]) {
      for (const size of sizes) yield new Uint8Array(size);
    };
    const first = budget.reading(chunks(60, 30));
    await first.next();
    const second = budget.reading(chunks(60));
    await expect(second.next()).rejects.toMatchObject({ code: "rate_limited", details: { retryAfter: 10 } });
    await first.return(undefined);
    const third = budget.reading(chunks(60, 30));
    await expect(third.next()).resolves.toMatchObject({ done: false });
    await expect(third.next()).resolves.toMatchObject({ done: false });
  });
});

describe("GET /openapi.json", () => {
  it("keeps one document for any number of base paths", async () => {
    const http = createGitHubHttp(fixture.sdk, { authenticator: new MemoryAuthenticator({}), sharedCredential: true });
    const get = async (basePath: string) =>
      JSON.parse((await http.handle(requestTo(basePath)))?.body ?? "{}") as { readonly servers: unknown };
    expect((await get("/first")).servers).toEqual([{ url: "/first" }]);
    const before = memoryInUse();
    for (let index = 0; index < 300; index += 1) {
      expect((await get(`/path-${index}`)).servers).toEqual([{ url: `/path-${index}` }]);
    }
    expect(memoryInUse() - before).toBeLessThan(10 * 1024 * 1024);
  });
});

describe("POST /disconnect with an authenticator that reads cookies", () => {
  it("rejects a cross-site request without a body and content type", async () => {
    const authenticator = { authenticate: async () => ({ id: "cookie-user" }) };
    const http = createGitHubHttp(fixture.sdk, { authenticator, sharedCredential: true });
    const post = async (headers: Readonly<Record<string, string>>) =>
      (await http.fetch(new Request("https://host.example/api/v1/github/disconnect", { method: "POST", headers })))
        .status;
    expect(await post({ origin: "https://evil.example" })).toBe(400);
    expect(await post({ origin: "https://evil.example", "content-type": "text/plain" })).toBe(400);
    expect(await post({ origin: "https://host.example", "content-type": "application/json" })).toBe(501);
  });
});

function requestTo(basePath: string): HttpRequest {
  return {
    method: "GET",
    target: `${basePath}/openapi.json`,
    basePath,
    headers: {},
    body: { kind: "bytes", bytes: new Uint8Array(0) },
    isSecure: false,
    signal: new AbortController().signal,
    raw: null,
  };
}

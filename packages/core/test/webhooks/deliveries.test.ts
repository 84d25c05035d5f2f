import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Secret } from "../../src/secret.js";
import { EXAMPLES, example } from "./example-payloads.js";
import { SECRET, signedHeaders, WebhookFixture } from "./webhook-fixture.js";

const PUSH = example("push", null, {});
const OLD_SECRET = "the former secret";

let fixture: WebhookFixture;
beforeEach(() => {
  fixture = new WebhookFixture();
});
afterEach(() => fixture.close([OLD_SECRET]));

describe("signature of a delivery", () => {
  it("is accepted when GitHub signed the body", async () => {
    await expect(fixture.deliver("push", PUSH)).resolves.toEqual({ handled: true, message: "Handled push." });
  });

  it.each([
    ["is of another secret", { secret: "guessed" }],
    ["is missing", { headers: { "X-Hub-Signature-256": undefined } }],
    ["is empty", { headers: { "X-Hub-Signature-256": "" } }],
    ["is truncated", { headers: { "X-Hub-Signature-256": "sha256=abcdef" } }],
    [
      "is a SHA-1 signature",
      { headers: { "X-Hub-Signature-256": undefined, "X-Hub-Signature": `sha1=${"0".repeat(40)}` } },
    ],
  ])("is rejected when it %s", async (_, forgery) => {
    const error = await fixture.refusal(fixture.deliver("push", PUSH, forgery));
    expect([error.code, error.status]).toEqual(["invalid_signature", 401]);
    expect(fixture.github.requested).toEqual([]);
  });

  it("covers the raw bytes: a changed bit, a missing byte or other whitespace invalidates it", async () => {
    const { headers, body } = fixture.request("push", PUSH);
    const flipped = Buffer.from(body);
    flipped[body.length >> 1] = (flipped[body.length >> 1] ?? 0) ^ 1;
    const spaced = Buffer.from(JSON.stringify(PUSH, null, 1));
    for (const changed of [flipped, body.subarray(0, -1), spaced, Buffer.concat([body, Buffer.from("\n")])]) {
      expect((await fixture.refusal(fixture.send({ headers, body: changed }))).code).toBe("invalid_signature");
    }
  });

  it("is accepted from any of the configured secrets", async () => {
    const rotating = new WebhookFixture({ secrets: [new Secret(SECRET), new Secret(OLD_SECRET)] });
    for (const secret of [SECRET, OLD_SECRET]) {
      const payload = { ...PUSH, compare: secret.length };
      await expect(rotating.deliver("push", payload, { secret })).resolves.toMatchObject({ handled: true });
    }
    expect((await rotating.refusal(rotating.deliver("push", PUSH, { secret: "third" }))).code).toBe(
      "invalid_signature",
    );
    await rotating.close([OLD_SECRET]);
  });

  it("is read from a case-insensitive header", async () => {
    const { headers, body } = fixture.request("push", PUSH);
    const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    await expect(fixture.send({ headers: lower, body })).resolves.toMatchObject({ handled: true });
  });

  it("is required without a configured secret, unless the host allows unsigned deliveries", async () => {
    const strict = new WebhookFixture({ secrets: [] });
    expect((await strict.refusal(strict.deliver("push", PUSH))).code).toBe("invalid_signature");
    const open = new WebhookFixture({ secrets: [], allowUnsigned: true });
    const unsigned = { headers: { "X-Hub-Signature-256": undefined } };
    await expect(open.deliver("push", PUSH, unsigned)).resolves.toMatchObject({ handled: true });
    await Promise.all([strict.close(), open.close()]);
  });

  it("is required as soon as a secret is configured, even with allowUnsigned", async () => {
    const both = new WebhookFixture({ allowUnsigned: true });
    const unsigned = { headers: { "X-Hub-Signature-256": undefined } };
    expect((await both.refusal(both.deliver("push", PUSH, unsigned))).code).toBe("invalid_signature");
    await both.close();
  });

  it("cannot use an empty secret", () => {
    expect(() => new WebhookFixture({ secrets: [new Secret("")] })).toThrow(/empty/);
  });
});

describe("headers of a delivery", () => {
  it("cannot change the event of a body", async () => {
    for (const event of ["installation", "repository", "github_app_authorization", "ping", "organization"]) {
      const error = await fixture.refusal(fixture.deliver(event, PUSH));
      expect([error.code, error.status]).toEqual(["delivery_refused", 401]);
    }
    await expect(fixture.engine.failed()).resolves.toEqual({ deliveries: [], nextCursor: null });
  });

  it.each([
    ["no event", { "X-GitHub-Event": undefined }],
    ["an invalid event", { "X-GitHub-Event": "../push" }],
    ["no id", { "X-GitHub-Delivery": undefined }],
    ["an invalid id", { "X-GitHub-Delivery": "a b" }],
    ["an id that is too long", { "X-GitHub-Delivery": "a".repeat(101) }],
  ])("are rejected with %s", async (_, headers) => {
    const error = await fixture.refusal(fixture.deliver("push", PUSH, { headers }));
    expect([error.code, error.status]).toEqual(["validation_failed", 422]);
  });

  it("cannot change the meaning of the body by its content type", async () => {
    const payload = { ...PUSH, compare: "x&payload=%7B%22zen%22%3A1%7D&y" };
    const headers = { "Content-Type": "application/x-www-form-urlencoded" };
    expect((await fixture.refusal(fixture.deliver("ping", payload, { headers }))).code).toBe("delivery_refused");
  });

  it("with an unknown event do not mark the delivery as handled", async () => {
    const id = "11111111-1111-1111-1111-111111111111";
    await expect(fixture.deliver("brand_new", PUSH, { id })).resolves.toMatchObject({ handled: false });
    await expect(fixture.deliver("push", PUSH, { id })).resolves.toEqual({ handled: true, message: "Handled push." });
  });
});

describe("body of a delivery", () => {
  it("is not read beyond 25 MB", async () => {
    let sent = 0;
    async function* long(): AsyncGenerator<Uint8Array> {
      for (; sent < 60; yield new Uint8Array(1024 * 1024)) sent += 1;
    }
    const headers = signedHeaders("push", "big", new Uint8Array(0), SECRET);
    const error = await fixture.refusal(fixture.send({ headers, body: long() }));
    expect([error.code, error.status]).toEqual(["payload_too_large", 413]);
    expect(sent).toBe(26);
  });

  it("is not read when Content-Length is too large or the signature is missing", async () => {
    async function* untouchable(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(1);
      throw new Error("The body was read.");
    }
    const headers = signedHeaders("push", "big", new Uint8Array(0), SECRET);
    const large = { ...headers, "Content-Length": String(26 * 1024 * 1024) };
    const unsigned = { ...headers, "X-Hub-Signature-256": undefined };
    const code = async (headers: Record<string, string | undefined>) =>
      (await fixture.refusal(fixture.send({ headers, body: untouchable() }))).code;
    expect([await code(large), await code(unsigned)]).toEqual(["payload_too_large", "invalid_signature"]);
    const whole = { headers, body: new Uint8Array(25 * 1024 * 1024 + 1) };
    expect((await fixture.refusal(fixture.send(whole))).code).toBe("payload_too_large");
  });

  it("may arrive in chunks", async () => {
    const { headers, body } = fixture.request("push", PUSH);
    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < body.length; at += 1000) yield body.subarray(at, at + 1000);
    }
    await expect(fixture.send({ headers, body: pieces() })).resolves.toMatchObject({ handled: true });
  });

  it.each([
    ["not JSON", Buffer.from("payload=%7B%7D")],
    ["not an object", Buffer.from("[]")],
    ["null", Buffer.from("null")],
    ["not UTF-8", Buffer.from('{"zen":"\xff"}', "latin1")],
    ["empty", Buffer.alloc(0)],
    ["nested too deeply", Buffer.from("[".repeat(200_000))],
  ])("is rejected when it is %s, although it is signed", async (_, body) => {
    const error = await fixture.refusal(fixture.send({ headers: signedHeaders("push", "odd", body, SECRET), body }));
    expect([error.code, error.status]).toEqual(["validation_failed", 422]);
  });
});

describe("GitHub's example payloads", () => {
  it("are all accepted, and those of handled events are handled", async () => {
    const results = new Map<string, Set<boolean>>();
    for (const { name, payload } of EXAMPLES) {
      const { handled } = await fixture.deliver(name, payload);
      results.set(name, (results.get(name) ?? new Set()).add(handled));
    }
    const handled = [...results].filter(([, outcomes]) => outcomes.has(true)).map(([name]) => name);
    expect(handled.sort()).toEqual([
      ...["github_app_authorization", "installation", "installation_repositories", "ping", "push", "repository"],
    ]);
    expect(await fixture.engine.failed()).toEqual({ deliveries: [], nextCursor: null });
    expect(new Set(fixture.events.map(([event]) => event))).toEqual(new Set(["access.changed"]));
  });

  it("reach the host's handlers", async () => {
    const seen: string[] = [];
    for (const name of new Set(EXAMPLES.map(({ name }) => name))) {
      fixture.engine.on(
        name as "push",
        ({ name, payload }) => void seen.push(`${name} ${Object.keys(payload).length}`),
      );
    }
    // Some examples are equal, and an equal body is handled once.
    for (const [index, { name, payload }] of EXAMPLES.entries()) await fixture.deliver(name, { ...payload, index });
    expect(seen).toEqual(EXAMPLES.map(({ name, payload }) => `${name} ${Object.keys(payload).length + 1}`));
  });
});

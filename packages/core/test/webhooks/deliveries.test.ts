import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Secret } from "../../src/secret.js";
import { EXAMPLES, example } from "./example-payloads.js";
import { SECRET, signedHeaders, WebhookFixture } from "./webhook-fixture.js";

const PUSH = example("push", null, {});
const OLD_SECRET = "the secret before this one";

let fixture: WebhookFixture;
beforeEach(() => {
  fixture = new WebhookFixture();
});
afterEach(() => fixture.close([OLD_SECRET]));

describe("the signature", () => {
  it("lets in what GitHub signed", async () => {
    await expect(fixture.deliver("push", PUSH)).resolves.toEqual({ handled: true, message: "Handled push." });
  });

  it.each([
    ["another secret", { secret: "guessed" }],
    ["none", { headers: { "X-Hub-Signature-256": undefined } }],
    ["an empty one", { headers: { "X-Hub-Signature-256": "" } }],
    ["one that is cut off", { headers: { "X-Hub-Signature-256": "sha256=abcdef" } }],
    ["the old kind", { headers: { "X-Hub-Signature-256": undefined, "X-Hub-Signature": `sha1=${"0".repeat(40)}` } }],
  ])("keeps out %s", async (_, forgery) => {
    const error = await fixture.refusal(fixture.deliver("push", PUSH, forgery));
    expect([error.code, error.status]).toEqual(["invalid_signature", 401]);
    expect(fixture.github.asked).toEqual([]);
  });

  it("is of the raw bytes: one bit more, one byte less, other spaces, and it does not fit", async () => {
    const { headers, body } = fixture.request("push", PUSH);
    const flipped = Buffer.from(body);
    flipped[body.length >> 1] = (flipped[body.length >> 1] ?? 0) ^ 1;
    const spaced = Buffer.from(JSON.stringify(PUSH, null, 1));
    for (const changed of [flipped, body.subarray(0, -1), spaced, Buffer.concat([body, Buffer.from("\n")])]) {
      expect((await fixture.refusal(fixture.send({ headers, body: changed }))).code).toBe("invalid_signature");
    }
  });

  it("may be of any of the secrets, while one takes the place of another", async () => {
    const rotating = new WebhookFixture({ secrets: [new Secret(SECRET), new Secret(OLD_SECRET)] });
    for (const secret of [SECRET, OLD_SECRET]) {
      await expect(rotating.deliver("push", PUSH, { secret })).resolves.toMatchObject({ handled: true });
    }
    expect((await rotating.refusal(rotating.deliver("push", PUSH, { secret: "third" }))).code).toBe(
      "invalid_signature",
    );
    await rotating.close([OLD_SECRET]);
  });

  it("is looked for under any spelling of the header", async () => {
    const { headers, body } = fixture.request("push", PUSH);
    const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    await expect(fixture.send({ headers: lower, body })).resolves.toMatchObject({ handled: true });
  });

  it("is missed when there is no secret, unless the host takes what is unsigned", async () => {
    const strict = new WebhookFixture({ secrets: [] });
    expect((await strict.refusal(strict.deliver("push", PUSH))).code).toBe("invalid_signature");
    const open = new WebhookFixture({ secrets: [], allowUnsigned: true });
    const unsigned = { headers: { "X-Hub-Signature-256": undefined } };
    await expect(open.deliver("push", PUSH, unsigned)).resolves.toMatchObject({ handled: true });
    await Promise.all([strict.close(), open.close()]);
  });

  it("is asked for even where unsigned deliveries would do, once there is a secret", async () => {
    const both = new WebhookFixture({ allowUnsigned: true });
    const unsigned = { headers: { "X-Hub-Signature-256": undefined } };
    expect((await both.refusal(both.deliver("push", PUSH, unsigned))).code).toBe("invalid_signature");
    await both.close();
  });

  it("cannot be made with an empty secret", () => {
    expect(() => new WebhookFixture({ secrets: [new Secret("")] })).toThrow(/empty/);
  });
});

describe("the headers", () => {
  it("cannot turn a body into another event", async () => {
    for (const event of ["installation", "repository", "github_app_authorization", "ping", "organization"]) {
      const error = await fixture.refusal(fixture.deliver(event, PUSH));
      expect([error.code, error.status]).toEqual(["delivery_refused", 401]);
    }
    await expect(fixture.engine.failed()).resolves.toEqual({ deliveries: [], nextCursor: null });
  });

  it.each([
    ["no event", { "X-GitHub-Event": undefined }],
    ["an event that is none", { "X-GitHub-Event": "../push" }],
    ["no id", { "X-GitHub-Delivery": undefined }],
    ["an id that is none", { "X-GitHub-Delivery": "a b" }],
    ["an endless id", { "X-GitHub-Delivery": "a".repeat(101) }],
  ])("are refused with %s", async (_, headers) => {
    const error = await fixture.refusal(fixture.deliver("push", PUSH, { headers }));
    expect([error.code, error.status]).toEqual(["validation_failed", 422]);
  });

  it("cannot make the same bytes mean something else", async () => {
    const payload = { ...PUSH, compare: "x&payload=%7B%22zen%22%3A1%7D&y" };
    const headers = { "Content-Type": "application/x-www-form-urlencoded" };
    expect((await fixture.refusal(fixture.deliver("ping", payload, { headers }))).code).toBe("delivery_refused");
  });

  it("of an event that nobody knows change nothing, not even that the delivery is still to come", async () => {
    const id = "11111111-1111-1111-1111-111111111111";
    await expect(fixture.deliver("brand_new", PUSH, { id })).resolves.toMatchObject({ handled: false });
    await expect(fixture.deliver("push", PUSH, { id })).resolves.toEqual({ handled: true, message: "Handled push." });
  });
});

describe("the body", () => {
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

  it("is not read at all when it is announced as larger, or not signed", async () => {
    async function* untouchable(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(1);
      throw new Error("it was read");
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

  it("may come in pieces", async () => {
    const { headers, body } = fixture.request("push", PUSH);
    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < body.length; at += 1000) yield body.subarray(at, at + 1000);
    }
    await expect(fixture.send({ headers, body: pieces() })).resolves.toMatchObject({ handled: true });
  });

  it.each([
    ["no JSON", Buffer.from("payload=%7B%7D")],
    ["no object", Buffer.from("[]")],
    ["null", Buffer.from("null")],
    ["no UTF-8", Buffer.from('{"zen":"\xff"}', "latin1")],
    ["empty", Buffer.alloc(0)],
    ["nested without end", Buffer.from("[".repeat(200_000))],
  ])("that is %s is refused, signed or not", async (_, body) => {
    const error = await fixture.refusal(fixture.send({ headers: signedHeaders("push", "odd", body, SECRET), body }));
    expect([error.code, error.status]).toEqual(["validation_failed", 422]);
  });
});

describe("GitHub's examples", () => {
  it("are all taken: handled, or not", async () => {
    const answers = new Map<string, Set<boolean>>();
    for (const { name, payload } of EXAMPLES) {
      const { handled } = await fixture.deliver(name, payload);
      answers.set(name, (answers.get(name) ?? new Set()).add(handled));
    }
    const handled = [...answers].filter(([, outcomes]) => outcomes.has(true)).map(([name]) => name);
    expect(handled.sort()).toEqual([
      ...["github_app_authorization", "installation", "installation_repositories", "ping", "push", "repository"],
    ]);
    expect(await fixture.engine.failed()).toEqual({ deliveries: [], nextCursor: null });
    expect(fixture.events).toEqual([]);
  });

  it("reach handlers of the host, every one of them", async () => {
    const seen: string[] = [];
    for (const name of new Set(EXAMPLES.map(({ name }) => name))) {
      fixture.engine.on(
        name as "push",
        ({ name, payload }) => void seen.push(`${name} ${Object.keys(payload).length}`),
      );
    }
    for (const { name, payload } of EXAMPLES) await fixture.deliver(name, payload);
    expect(seen).toEqual(EXAMPLES.map(({ name, payload }) => `${name} ${Object.keys(payload).length}`));
  });
});

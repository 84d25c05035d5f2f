import assert from "node:assert/strict";
import { createHmac, randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type * as z from "zod";
import { installationTokenSchema, webhookSchema } from "../app-responses.js";
import { contractCase } from "../contract-case.js";
import { sendSlowly } from "../oversized-request.js";
import type { Reply } from "../reply.js";
import type { Scene } from "../scene.js";

const PING = JSON.stringify({
  zen: "Keep it logically awesome.",
  hook_id: 1,
  hook: { type: "App", id: 1, events: [] },
});
const MEGABYTE = 1024 * 1024;

/** `POST /webhook`. */
export const webhookCases = [
  contractCase("POST /webhook accepts a signed delivery without a bearer token", async (scene) => {
    const response = stored(await deliver(scene, { event: "ping", body: newPing() }));
    assert.deepEqual([response.handled, response.error], [true, null]);
  }),

  contractCase("POST /webhook verifies the signature over the raw bytes", async (scene) => {
    const spaced = `{\r\n  "zen" : "Käse \\u00e9 \u{1f600}",\t"hook_id": 1.0, "hook": {"type":"App"} }\n`;
    stored(await deliver(scene, { event: "ping", body: spaced }));
    const headers = { "content-type": "application/json; charset=utf-8" };
    stored(await deliver(scene, { event: "ping", body: spaced, headers }));
  }),

  contractCase("POST /webhook returns 401 for a wrong or missing signature", async (scene) => {
    const event = "ping";
    const good = signature(scene, PING);
    for (const wrong of [
      createHmac("sha256", "another secret").update(PING).digest("hex"),
      good.slice("sha256=".length, -1),
      "",
      "0".repeat(64),
    ]) {
      (await deliver(scene, { event, body: PING, signature: `sha256=${wrong}` })).fails(401, "invalid_signature");
    }
    (await deliver(scene, { event, body: PING, signature: null })).fails(401, "invalid_signature");
    (await deliver(scene, { event, body: `${PING} `, signature: good })).fails(401, "invalid_signature");
    const sha1 = {
      "x-hub-signature": `sha1=${createHmac("sha1", scene.host.webhookSecret).update(PING).digest("hex")}`,
    };
    (await deliver(scene, { event, body: PING, signature: null, headers: sha1 })).fails(401, "invalid_signature");
  }),

  contractCase("POST /webhook runs the handlers of a delivery once", async (scene) => {
    const [id, event] = [randomUUID(), "ping"];
    const ping = newPing();
    stored(await deliver(scene, { id, event, body: ping }));
    const done = await eventually(
      () => deliver(scene, { id, event, body: ping }),
      // A repeat of a delivery that still waits is stored already.
      (reply) => reply.status !== 202 || !stored(reply).handled,
    );
    assert.equal(done.ok(webhookSchema).handled, false);
    const body = ping.replace("awesome", "simple");
    (await deliver(scene, { id, event, body })).fails(401);
  }),

  contractCase("POST /webhook returns handled: false for events without a handler", async (scene) => {
    const body = JSON.stringify({ action: "created" });
    assert.equal((await deliver(scene, { event: "made_up_event", body })).ok(webhookSchema).handled, false);
  }),

  contractCase("POST /webhook handles pushes, renames and installations", async (scene) => {
    const { owner, account, repository, installation } = await scene.installation();
    const answers = scene.receiveWebhooks();
    await repository.commit({ files: { "a.tf": "a\n" } });
    repository.rename(scene.name("renamed"));
    installation.suspend();
    installation.unsuspend();
    scene.box.addMember(account, scene.name("member"));
    await scene.box.deliveriesSettled();
    const outcomes = answers.map(({ event, reply }) => [event, reply.status, reply.body(webhookSchema).handled]);
    assert.deepEqual(outcomes.sort(), [
      ["installation", 202, true],
      ["installation", 202, true],
      ["organization", 200, false],
      ["push", 202, true],
      ["repository", 202, true],
    ]);
    const token = () => owner.post("/installation/token", { installation_id: installation.id });
    (await eventually(token, ({ status }) => status === 200)).ok(installationTokenSchema);
    installation.remove();
    await scene.box.deliveriesSettled();
    (await eventually(token, ({ status }) => status !== 200)).fails(403, "installation_not_yours");
  }),

  contractCase("POST /webhook returns 422 for a body that does not match its event", async (scene) => {
    (await deliver(scene, { event: "push", body: PING })).fails(401, "delivery_refused");
  }),

  contractCase(
    "POST /webhook returns 422 for a body that is not a JSON object and for invalid headers",
    async (scene) => {
      for (const body of ["", "no json", "[]", "null", '"text"', "payload=%7B%7D"]) {
        (await deliver(scene, { event: "ping", body })).fails(422, "validation_failed");
      }
      (await deliver(scene, { event: null, body: PING })).fails(422, "validation_failed");
      (await deliver(scene, { event: "no event!", body: PING })).fails(422, "validation_failed");
      (await deliver(scene, { event: "ping", body: PING, id: null })).fails(422, "validation_failed");
    },
  ),

  contractCase("POST /webhook accepts 25 MB and stops reading a larger body", async (scene) => {
    const url = `${scene.host.baseUrl}/webhook`;
    const wrong = `sha256=${"0".repeat(64)}`;
    const headers = { "x-github-event": "ping", "x-github-delivery": randomUUID(), "x-hub-signature-256": wrong };
    const announced = await sendSlowly(url, headers, 26 * MEGABYTE, { announced: true });
    announced.fails(413, "payload_too_large");
    const unannounced = await sendSlowly(url, headers, 26 * MEGABYTE, { announced: false });
    unannounced.fails(413, "payload_too_large");
    const body = `${PING.slice(0, -1)},"filler":"${"x".repeat(24 * MEGABYTE)}"}`;
    stored(await deliver(scene, { event: "ping", body }));
  }),

  contractCase(
    "POST /webhook returns 501 on a host without a GitHub App",
    async (scene) => {
      const reply = await deliver(scene, { event: "ping", body: PING });
      assert.match(reply.fails(501, "capability_not_configured").detail, /`app`/);
    },
    "bare",
  ),

  contractCase("POST /webhook returns no www-authenticate with 401", async (scene) => {
    const reply = await deliver(scene, { event: "ping", body: PING, signature: null });
    reply.fails(401, "invalid_signature");
    assert.equal(reply.headers.get("www-authenticate"), null);
  }),

  contractCase(
    "POST /webhook returns 401 without a configured secret outside of development",
    async (scene) => {
      (await deliver(scene, { event: "ping", body: PING, signature: null })).fails(401, "invalid_signature");
      (await deliver(scene, { event: "ping", body: PING })).fails(401, "invalid_signature");
    },
    "unsigned",
  ),

  contractCase(
    "POST /webhook accepts unsigned deliveries where the host allows them",
    async (scene) => {
      stored(await deliver(scene, { event: "ping", body: PING, signature: null }));
    },
    "development",
  ),
];

/** Returns the body of the response to a delivery that was stored. */
function stored(reply: Reply): z.infer<typeof webhookSchema> {
  assert.equal(reply.status, 202, reply.text);
  return reply.body(webhookSchema);
}

/** Repeats a request until its response matches, and returns the last response. Handlers run after the delivery is answered. */
async function eventually(send: () => Promise<Reply>, matches: (reply: Reply) => boolean): Promise<Reply> {
  let reply = await send();
  for (let tries = 0; tries < 200 && !matches(reply); tries += 1) {
    await pause(25);
    reply = await send();
  }
  return reply;
}

/** A payload of its own: handlers run once for equal payloads, whatever the ids of their deliveries. */
function newPing(): string {
  return PING.replace("logically", `logically (${randomUUID()})`);
}

interface Delivery {
  readonly event: string | null;
  readonly body: string;
  readonly id?: string | null;
  /** Defaults to the correct signature; `null` for none. */
  readonly signature?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

function deliver(
  scene: Scene,
  { event, body, id = randomUUID(), signature: given = signature(scene, body), headers = {} }: Delivery,
): Promise<Reply> {
  return scene.anonymous.post("/webhook", body, {
    "content-type": "application/json",
    ...(event === null ? {} : { "x-github-event": event }),
    ...(id === null ? {} : { "x-github-delivery": id }),
    ...(given === null ? {} : { "x-hub-signature-256": given }),
    ...headers,
  });
}

function signature(scene: Scene, body: string): string {
  return `sha256=${createHmac("sha256", scene.host.webhookSecret).update(body).digest("hex")}`;
}

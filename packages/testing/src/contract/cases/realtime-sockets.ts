import assert from "node:assert/strict";
import { contractCase } from "../contract-case.js";
import { Listener } from "../listener.js";
import { askForSocket, listening } from "../listening.js";
import { Reply } from "../reply.js";

const MESSAGE_LIMIT = 64 * 1024;
const SOCKETS_OF_A_USER = 200;

/** Invalid messages with the error code of each. */
const WRONG: Readonly<Record<string, unknown>> = {
  "no JSON": "{",
  "no object": "[]7",
  bytes: new Uint8Array([1, 2, 3]),
  "no action": {},
  "an unknown action": { action: "sing" },
  "no data": { action: "subscribe_project" },
  "no project": { action: "unsubscribe", data: {} },
  "a project of another type": { action: "subscribe_project", data: { project_id: 7 } },
  "a project that leads elsewhere": { action: "subscribe_project", data: { project_id: "../network" } },
};

/** `/ws`: authentication, messages and limits. */
export const realtimeSocketCases = [
  contractCase("/ws returns 401 before the upgrade without a valid token", async (scene) => {
    const bad = await scene.host.badTokensFor("user-of-bad-tokens");
    const queries = ["", "?token=", "?token=not-a-token", ...Object.values(bad).map((token) => `?token=${token}`)];
    for (const query of queries) {
      const response = await askForSocket(scene, query);
      assert.ok(response instanceof Reply, `${query} opened a WebSocket`);
      response.fails(401);
    }
  }),

  contractCase("/ws accepts the token in the query and as a subprotocol and does not repeat it", async (scene) => {
    const token = await scene.host.tokenFor("user-of-sockets");
    for (const [query, protocols, chosen] of [
      [`?token=${token}`, [], ""],
      ["", ["infrajet-github", `bearer.${token}`], "infrajet-github"],
      ["", [`bearer.${token}`, "infrajet-github"], "infrajet-github"],
    ] as const) {
      const listener = await askForSocket(scene, query, { protocols: [...protocols] });
      assert.ok(listener instanceof Listener);
      assert.equal(listener.protocol, chosen);
      listener.send({ action: "heartbeat" });
      assert.deepEqual((await listener.untilType("heartbeat")).data, {});
      listener.end();
    }
  }),

  contractCase("paths other than /ws are not upgraded", async (scene) => {
    const token = await scene.host.tokenFor("user-of-sockets");
    for (const path of ["/wsx", "/ws/x"]) {
      const response = await Listener.ask(`${scene.host.baseUrl}${path}?token=${token}`);
      assert.ok(response instanceof Reply, `${path} opened a WebSocket`);
    }
  }),

  contractCase("/ws confirms and removes subscriptions and replies to heartbeats", async (scene) => {
    const person = await scene.user();
    for (const project of ["network", "dns", "db"]) await person.write({ "a.tf": "a\n" }, project);
    await listening(
      scene,
      person,
      async (listener) => {
        await listener.untilType("subscription_confirmed");
        listener.subscribe("dns");
        listener.subscribe("db");
        listener.send({ action: "unsubscribe", data: { project_id: "dns" } });
        listener.send({ action: "heartbeat", data: {} });
        const messages = await listener.count(5);
        assert.deepEqual(
          messages.map(({ type, data }) => [type, data]),
          [
            ["subscription_confirmed", { project_id: "network" }],
            ["subscription_confirmed", { project_id: "dns" }],
            ["subscription_confirmed", { project_id: "db" }],
            ["subscription_removed", { project_id: "dns" }],
            ["heartbeat", {}],
          ],
        );
      },
      ["network"],
    );
  }),

  ...Object.entries(WRONG).map(([what, message]) =>
    contractCase(`/ws says what is wrong with a message of ${what}, and goes on`, async (scene) => {
      await listening(scene, await scene.user(), async (listener) => {
        listener.send(message);
        listener.send({ action: "heartbeat" });
        await listener.untilType("heartbeat");
        const [error, ...others] = listener.messages;
        assert.deepEqual([error?.type, Object.keys(error?.data ?? {}).sort()], ["error", ["code", "detail"]]);
        assert.equal(others.length, 1);
      });
    }),
  ),

  contractCase("/ws rejects subscriptions to missing projects and projects of other users", async (scene) => {
    const [owner, other] = [await scene.user(), await scene.user()];
    await owner.write({ "a.tf": "a\n" }, "private");
    await listening(scene, other, async (listener) => {
      for (const project of ["private", "nowhere"]) listener.subscribe(project);
      const messages = await listener.count(2);
      for (const { type, data } of messages) assert.deepEqual([type, data.code], ["error", "project_not_found"]);
      assert.equal(messages[0]?.data.detail, messages[1]?.data.detail, "the responses are the same for both");
    });
  }),

  contractCase("/ws sends an error before it closes on a message over the limit", async (scene) => {
    await listening(scene, await scene.user(), async (listener) => {
      listener.send(JSON.stringify({ action: "heartbeat" }).padEnd(MESSAGE_LIMIT));
      await listener.untilType("heartbeat");
      listener.send(JSON.stringify({ action: "heartbeat" }).padEnd(MESSAGE_LIMIT + 1));
      assert.equal(await listener.closed, 1009);
      assert.deepEqual([listener.messages[1]?.type, listener.messages[1]?.data.code], ["error", "payload_too_large"]);
    });
  }),

  contractCase("/ws sends an error before it closes a socket over the user's limit", async (scene) => {
    const [many, other] = [await scene.user(), await scene.user()];
    const query = `?token=${await scene.host.tokenFor(many.userId)}`;
    const open = await Promise.all(Array.from({ length: SOCKETS_OF_A_USER }, () => askForSocket(scene, query)));
    const last = await askForSocket(scene, query);
    assert.ok(last instanceof Listener);
    assert.equal(await last.closed, 1008);
    assert.deepEqual(
      last.messages.map(({ type, data }) => [type, data.code]),
      [["error", "rate_limited"]],
    );
    await listening(scene, other, async (listener) => {
      listener.send({ action: "heartbeat" });
      await listener.untilType("heartbeat");
    });
    for (const listener of open) {
      assert.ok(listener instanceof Listener);
      listener.end();
    }
  }),
];

import assert from "node:assert/strict";
import * as z from "zod";
import { contractCase } from "../contract-case.js";
import { type HostMessage, Listener } from "../listener.js";
import { askForSocket, listening } from "../listening.js";
import { Reply } from "../reply.js";
import { syncedProject, syncOnce } from "../synced-scene.js";

/** `/ws`: cursors and tickets. */
export const realtimeCursorCases = [
  contractCase("/ws sends the ends after a cursor once, in the URL and in a subscription", async (scene) => {
    const { user, repository } = await syncedProject(scene, {});
    await user.write({ "a.tf": "a\n" });
    let cursor = "";
    await listening(
      scene,
      user,
      async (listener) => {
        cursor = (await listener.untilType("subscription_confirmed")).cursor ?? "";
        assert.notEqual(cursor, "");
      },
      ["network"],
    );
    const { sync_id } = await syncOnce(user, repository);
    const token = await scene.host.tokenFor(user.userId);
    const protocols = ["infrajet-github", `bearer.${token}`];
    const resumed = await askForSocket(scene, `?project_id=network&after=${cursor}`, { protocols });
    assert.ok(resumed instanceof Listener);
    assert.equal((await resumed.untilType("github_sync_completed")).data.sync_id, sync_id);
    resumed.send({ action: "subscribe_project", data: { project_id: "network", after: cursor } });
    resumed.send({ action: "heartbeat" });
    await resumed.untilType("heartbeat");
    assert.deepEqual(typesOf(resumed.messages), [
      "subscription_confirmed",
      "github_sync_completed",
      "subscription_confirmed",
      "heartbeat",
    ]);
    resumed.end();
    await listening(scene, user, async (listener) => {
      listener.send({ action: "subscribe_project", data: { project_id: "network", after: cursor } });
      assert.equal((await listener.untilType("github_sync_completed")).data.sync_id, sync_id);
    });
  }),

  contractCase("/ws sends resync_required for an unknown cursor", async (scene) => {
    const user = await scene.user();
    await user.write({ "a.tf": "a\n" });
    await listening(scene, user, async (listener) => {
      listener.send({ action: "subscribe_project", data: { project_id: "network", after: "unknown" } });
      assert.deepEqual((await listener.untilType("resync_required")).data, { project_id: "network" });
      listener.send({ action: "subscribe_project", data: { project_id: "network", after: 7 } });
      assert.equal((await listener.untilType("error")).data.code, "validation_failed");
    });
  }),

  contractCase("/ws accepts a ticket once, and subscriptions to its projects only", async (scene) => {
    const user = await scene.user();
    for (const project of ["network", "dns"]) await user.write({ "a.tf": "a\n" }, project);
    const reply = await user.post("/realtime/ticket", { project_ids: ["dns"] });
    const { ticket } = reply.ok(z.object({ ticket: z.string() }));
    const listener = await askForSocket(scene, `?ticket=${ticket}`);
    assert.ok(listener instanceof Listener);
    for (const project of ["network", "dns"]) listener.subscribe(project);
    await listener.untilType("subscription_confirmed");
    assert.deepEqual(
      listener.messages.map(({ data }) => data.code ?? data.project_id),
      ["project_not_found", "dns"],
    );
    listener.end();
    const again = await askForSocket(scene, `?ticket=${ticket}`);
    assert.ok(again instanceof Reply);
    again.fails(401, "unauthenticated");
  }),
];

function typesOf(messages: readonly HostMessage[]): readonly string[] {
  return messages.map(({ type }) => type);
}

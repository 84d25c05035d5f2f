import assert from "node:assert/strict";
import type { Scene } from "./scene.js";
import { projectIn, type SyncedScene, syncedProject } from "./synced-scene.js";

/** Creates a synced project with a link to its branch, in an account that has the App installed, and delivers webhooks. */
export async function linkedScene(scene: Scene, files: Readonly<Record<string, string>>): Promise<SyncedScene> {
  const synced = await syncedProject(scene, files);
  const { user, repository } = synced;
  scene.receiveWebhooks();
  scene.box.install(scene.host.app, { account: user.login });
  const { repository_full_name } = projectIn(repository);
  const reply = await user.send("PUT", "/sync/link/network", { body: { repository_full_name } });
  assert.equal(reply.status, 200);
  return synced;
}

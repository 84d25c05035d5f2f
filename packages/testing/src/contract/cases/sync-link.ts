import assert from "node:assert/strict";
import * as z from "zod";
import { contractCase } from "../contract-case.js";
import { EventReader } from "../event-reader.js";
import { linkedScene } from "../linked-scene.js";
import type { Person } from "../person.js";
import { branch, fullName, text, time } from "../response-fields.js";
import { syncedProject } from "../synced-scene.js";

const linkSchema = z.strictObject({
  project_id: text,
  repository_full_name: fullName,
  branch,
  directory: text,
  direction: z.enum(["push", "pull", "two_way"]),
  conflict_strategy: z.enum(["fail", "merge", "ours", "theirs", "pull_request"]),
  on_conflict: z.enum(["stop", "skip"]),
  auto: z.boolean(),
  created_at: time,
  last_sync_id: text.nullable(),
});
const linksSchema = z.strictObject({ links: z.array(linkSchema) });
const removedSchema = z.strictObject({ success: z.literal(true) });
const LINK = "/sync/link/network";

/** `/sync/link/{project_id}`. */
export const syncLinkCases = [
  contractCase("PUT /sync/link/{project_id} stores a link with the defaults", async (scene) => {
    const { user, repository } = await syncedProject(scene, {});
    await user.write({ "a.tf": "a\n" });
    const link = (await put(user, { repository_full_name: repository.fullName })).ok(linkSchema);
    const { created_at, ...fields } = link;
    assert.ok(Math.abs(Date.parse(created_at) - scene.host.now()) < 60_000);
    assert.deepEqual(fields, {
      ...{ project_id: "network", repository_full_name: repository.fullName, branch: "main", directory: "" },
      ...{ direction: "two_way", conflict_strategy: "merge", on_conflict: "skip", auto: true, last_sync_id: null },
    });
    assert.deepEqual((await user.get(LINK)).ok(linksSchema), { links: [link] });
  }),

  contractCase("PUT /sync/link/{project_id} replaces the link to the same branch and keeps others", async (scene) => {
    const { user, repository } = await syncedProject(scene, {});
    await user.write({ "a.tf": "a\n" });
    const name = repository.fullName;
    const first = (await put(user, { repository_full_name: name })).ok(linkSchema);
    const other = (await put(user, { repository_full_name: name, branch: "other" })).ok(linkSchema);
    const wanted = {
      directory: "infra",
      direction: "push",
      conflict_strategy: "theirs",
      on_conflict: "stop",
      auto: false,
    };
    const overrides = { allow_mass_deletion: true, strategies: { "*.md": "ours" }, commit_message: null };
    const body = { repository_full_name: name.toUpperCase(), ...wanted, ...overrides };
    const changed = (await put(user, body)).ok(linkSchema);
    assert.deepEqual(changed, { ...first, ...wanted });
    assert.deepEqual((await user.get(LINK)).ok(linksSchema), { links: [changed, other] });
  }),

  contractCase("PUT /sync/link/{project_id} rejects what a sync with these fields would reject", async (scene) => {
    const { user, repository } = await syncedProject(scene, {});
    await user.write({ "a.tf": "a\n" });
    const repository_full_name = repository.fullName;
    (await put(user, {})).refuses("repository_full_name");
    (await put(user, { repository_full_name, direction: "sideways" })).refuses("direction");
    (await put(user, { repository_full_name, auto: "yes" })).refuses("auto");
    (await put(user, { repository_full_name, branch: "x".repeat(245) })).refuses("branch");
    (await put(user, { repository_full_name, directory: "../up" })).refuses("directory");
    (await put(user, { repository_full_name, conflict_strategy: "pull_request" })).fails(422, "validation_failed");
    (await put(user, { repository_full_name: `${user.login}/absent` })).fails(404, "repository_not_found");
    (await put(user, { repository_full_name, branch: "absent", direction: "pull" })).fails(404, "branch_not_found");
    const reader = await scene.connected();
    await reader.write({ "a.tf": "a\n" });
    repository.setPermission(reader.login, "read");
    (await put(reader, { repository_full_name })).fails(403, "insufficient_permissions");
    const unconnected = await scene.user();
    await unconnected.write({ "a.tf": "a\n" });
    (await put(unconnected, { repository_full_name })).fails(400, "github_not_connected");
    assert.deepEqual((await user.get(LINK)).ok(linksSchema), { links: [] });
  }),

  contractCase("/sync/link/{project_id} does not know projects and links of other users", async (scene) => {
    const { user, repository } = await syncedProject(scene, {});
    await user.write({ "a.tf": "a\n" }, "private");
    const stranger = await scene.connected();
    const body = { repository_full_name: repository.fullName };
    const path = "/sync/link/private";
    (await user.send("PUT", path, { body })).ok(linkSchema);
    (await stranger.send("PUT", path, { body })).fails(404, "project_not_found");
    (await stranger.get(path)).fails(404, "project_not_found");
    (await stranger.send("DELETE", `${path}?repository_full_name=${repository.fullName}`, {})).fails(
      404,
      "project_not_found",
    );
    await stranger.write({ "a.tf": "a\n" }, "private");
    assert.deepEqual((await stranger.get(path)).ok(linksSchema), { links: [] });
  }),

  contractCase("DELETE /sync/link/{project_id} removes one link, and returns 404 for a missing one", async (scene) => {
    const { user, repository } = await syncedProject(scene, {});
    await user.write({ "a.tf": "a\n" });
    const name = repository.fullName;
    await put(user, { repository_full_name: name });
    const other = (await put(user, { repository_full_name: name, branch: "other" })).ok(linkSchema);
    const query = `?repository_full_name=${encodeURIComponent(name.toUpperCase())}`;
    (await user.send("DELETE", `${LINK}${query}&branch=third`, {})).fails(404, "link_not_found");
    assert.deepEqual((await user.send("DELETE", `${LINK}${query}`, {})).ok(removedSchema), { success: true });
    (await user.send("DELETE", `${LINK}${query}`, {})).fails(404, "link_not_found");
    assert.deepEqual((await user.get(LINK)).ok(linksSchema), { links: [other] });
    (await user.send("DELETE", LINK, {})).refuses("repository_full_name");
  }),

  contractCase("a push to a linked branch syncs the project, and /events sends both changes", async (scene) => {
    const { user, repository } = await linkedScene(scene, { "a.tf": "a\n" });
    const token = await scene.host.tokenFor(user.userId);
    const url = `${scene.host.baseUrl}/events?project_id=network`;
    const reader = await EventReader.ask(url, { authorization: `Bearer ${token}` });
    assert.ok(reader instanceof EventReader);
    await reader.untilType("subscription_confirmed");
    const head = await repository.commit({ files: { "b.tf": "b\n", "a.tf": null } });
    const moved = await reader.untilType("github_repository_changed");
    assert.deepEqual(moved.data, {
      ...{ project_id: "network", repository_full_name: repository.fullName },
      ...{ branch: "main", commit_sha: head },
    });
    const changed = await reader.untilType("github_project_changed");
    const end = await reader.untilType("github_sync_completed");
    assert.deepEqual(changed.data, {
      ...{ project_id: "network", sync_id: end.data.sync_id, files_pulled: 2, files_removed: 1 },
    });
    assert.deepEqual([end.data.commit_sha, end.data.direction], [head, "two_way"]);
    reader.end();
    const { links } = (await user.get(LINK)).ok(linksSchema);
    assert.deepEqual(
      links.map(({ last_sync_id }) => last_sync_id),
      [end.data.sync_id],
    );
  }),
];

function put(user: Person, body: unknown) {
  return user.send("PUT", LINK, { body });
}

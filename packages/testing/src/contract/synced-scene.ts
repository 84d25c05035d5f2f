import assert from "node:assert/strict";
import type { BoxRepository } from "../github/repositories/repository.js";
import type { Person } from "./person.js";
import { syncSchema } from "./responses.js";
import type { Scene } from "./scene.js";

/** A user with a project and the repository that it is synced to. */
export interface SyncedScene {
  readonly user: Person;
  readonly repository: BoxRepository;
}

/** Creates a connected user with a project that is synced to a repository. Without files, the project is not synced yet. */
export async function syncedProject(scene: Scene, files: Readonly<Record<string, string>>): Promise<SyncedScene> {
  const user = await scene.connected();
  const repository = await scene.repository(user.login);
  await user.write(files);
  if (Object.keys(files).length > 0) assert.equal((await syncOnce(user, repository)).status, "completed");
  return { user, repository };
}

/** Creates a project whose only file was changed on both sides. */
export async function conflictingProject(scene: Scene): Promise<SyncedScene> {
  const synced = await syncedProject(scene, { "a.tf": "one\n" });
  await synced.repository.commit({ files: { "a.tf": "theirs\n" } });
  await synced.user.write({ "a.tf": "mine\n" });
  return synced;
}

/** Syncs the project with additional fields of the request. */
export async function syncOnce(
  user: Person,
  repository: BoxRepository,
  wishes: Readonly<Record<string, unknown>> = {},
): Promise<ReturnType<typeof syncSchema.parse>> {
  return (await user.post("/sync/project", { ...projectIn(repository), ...wishes })).ok(syncSchema);
}

/** Returns the fields of every request about the user's project. */
export function projectIn({ fullName }: BoxRepository): Readonly<Record<string, unknown>> {
  return { project_id: "network", repository_full_name: fullName };
}

/** Returns the text of the branch's files by path. */
export async function textFiles(repository: BoxRepository, branch?: string): Promise<Record<string, string>> {
  const files = await repository.files(branch);
  return Object.fromEntries([...files].map(([path, { content }]) => [path, content.toString("utf8")]));
}

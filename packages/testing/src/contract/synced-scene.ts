import assert from "node:assert/strict";
import type { BoxRepository } from "../github/repositories/repository.js";
import { syncSchema } from "./answers.js";
import type { Person } from "./person.js";
import type { Scene } from "./scene.js";

/** A user with a project, and the repository that mirrors it. */
export interface SyncedScene {
  readonly user: Person;
  readonly repository: BoxRepository;
}

/** A connected user with a project of these files, in step with a repository; with none there is a project and no sync yet. */
export async function syncedProject(scene: Scene, files: Readonly<Record<string, string>>): Promise<SyncedScene> {
  const user = await scene.connected();
  const repository = await scene.repository(user.login);
  await user.write(files);
  if (Object.keys(files).length > 0) assert.equal((await syncOnce(user, repository)).status, "completed");
  return { user, repository };
}

/** A project whose only file was changed on both sides. */
export async function conflictingProject(scene: Scene): Promise<SyncedScene> {
  const synced = await syncedProject(scene, { "a.tf": "one\n" });
  await synced.repository.commit({ files: { "a.tf": "theirs\n" } });
  await synced.user.write({ "a.tf": "mine\n" });
  return synced;
}

/** One sync of the project, with what is wished besides. */
export async function syncOnce(
  user: Person,
  repository: BoxRepository,
  wishes: Readonly<Record<string, unknown>> = {},
): Promise<ReturnType<typeof syncSchema.parse>> {
  return (await user.post("/sync/project", { ...projectIn(repository), ...wishes })).ok(syncSchema);
}

/** What every request about the user's project says. */
export function projectIn({ fullName }: BoxRepository): Readonly<Record<string, unknown>> {
  return { project_id: "network", repository_full_name: fullName };
}

/** The branch as text by path. */
export async function textFiles(repository: BoxRepository, branch?: string): Promise<Record<string, string>> {
  const files = await repository.files(branch);
  return Object.fromEntries([...files].map(([path, { content }]) => [path, content.toString("utf8")]));
}

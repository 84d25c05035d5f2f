import type { CommitWithId } from "../git/history.js";
import type { BoxRepository } from "./repository.js";

/** True for a complete object ID. */
export function isObjectId(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}

/** Returns the commit of a branch, tag, full ref or object ID, as seen by API reads. */
export async function resolveCommit(repository: BoxRepository, name: string): Promise<CommitWithId | undefined> {
  const { refs } = repository;
  const oid =
    (name === "HEAD" ? refs.seen(`refs/heads/${repository.defaultBranch}`) : undefined) ??
    refs.seen(`refs/heads/${name}`) ??
    refs.seen(`refs/tags/${name}`) ??
    refs.seen(name) ??
    refs.seen(`refs/${name}`) ??
    (isObjectId(name) ? name : undefined);
  return oid === undefined ? undefined : repository.history.commit(oid);
}

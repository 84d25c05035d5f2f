import type { CommitWithId } from "../git/history.js";
import type { BoxRepository } from "./repository.js";

/** Whether this is a whole object id. */
export function isObjectId(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}

/** The commit that a branch, a tag, a full ref or an object id names, as API reads see refs. */
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

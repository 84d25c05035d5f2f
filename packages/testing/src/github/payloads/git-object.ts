import { type PathEntry, typeOfMode } from "../git/tree.js";
import type { RepositoryCall } from "../http/route.js";
import { nodeId } from "../ids.js";
import { repositoryUrl } from "./repository.js";

/** Returns a ref of the Git Database API that points at a commit. */
export function refPayload(call: RepositoryCall, name: string, oid: string): Record<string, unknown> {
  const url = repositoryUrl(call.repository, call);
  return {
    ref: name,
    node_id: nodeId("Ref", `${call.repository.id}:${name}`),
    url: `${url}/git/${name}`,
    object: { sha: oid, type: "commit", url: `${url}/git/commits/${oid}` },
  };
}

/** Returns an entry of a tree. `size` is the size of a blob in bytes. */
export function treeEntryPayload(
  call: RepositoryCall,
  { path, mode, oid }: PathEntry,
  size: number | undefined,
): Record<string, unknown> {
  const type = typeOfMode(mode);
  const entry = { path, mode, type, sha: oid };
  if (type === "commit") return entry;
  const url = `${repositoryUrl(call.repository, call)}/git/${type}s/${oid}`;
  return type === "blob" ? { ...entry, size: size ?? 0, url } : { ...entry, url };
}

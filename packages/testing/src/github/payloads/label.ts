import type { RepositoryCall } from "../http/route.js";
import { nodeId } from "../ids.js";
import type { Label } from "../repositories/label.js";
import { repositoryUrl } from "./repository.js";

/** Returns a label. Labels that are created with an issue or pull request are gray. */
export function labelPayload(call: RepositoryCall, { id, name }: Label): Record<string, unknown> {
  return {
    id,
    node_id: nodeId("Label", id),
    url: `${repositoryUrl(call.repository, call)}/labels/${encodeURIComponent(name)}`,
    name,
    color: "ededed",
    default: false,
    description: "",
  };
}

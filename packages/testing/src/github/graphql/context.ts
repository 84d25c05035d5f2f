import type { Credential } from "../accounts/credential.js";
import type { Budget } from "../control/rate-limits.js";
import type { Addresses } from "../http/addresses.js";
import { parseNodeId } from "../ids.js";
import type { Platform } from "../platform.js";
import { canSee, may, type Need } from "../repositories/access.js";
import type { BoxRepository } from "../repositories/repository.js";
import { graphqlFault } from "./graphql-fault.js";

/** What resolvers know about the request. */
export interface GraphqlContext {
  platform: Platform;
  credential: Credential;
  addresses: Addresses;
  budget: Budget;
}

/** The repository of a node id, if the caller may see it. */
export function repositoryById(context: GraphqlContext, id: string): BoxRepository {
  const node = parseNodeId(id);
  const repository = node?.type === "Repository" ? context.platform.repositories.findById(Number(node.key)) : undefined;
  if (repository === undefined || !canSee(context.credential, repository)) throw unknownNode(id);
  return repository;
}

/** GitHub's error for a node id that leads nowhere. */
export function unknownNode(id: string): Error {
  return graphqlFault("NOT_FOUND", `Could not resolve to a node with the global id of '${id}'`);
}

/** Throws unless the caller may do this to the repository. */
export function requireAccess(context: GraphqlContext, repository: BoxRepository, need: Need, mutation: string): void {
  const { credential } = context;
  if (!may(credential, repository, need)) {
    if (credential.kind === "installation" || credential.kind === "app-user") {
      throw graphqlFault("FORBIDDEN", "Resource not accessible by integration");
    }
    if (credential.kind === "fine-grained") {
      throw graphqlFault("FORBIDDEN", "Resource not accessible by personal access token");
    }
    const name = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}`;
    const message = `${credential.account.login} does not have the correct permissions to execute \`${name}\``;
    throw graphqlFault("FORBIDDEN", message);
  }
  if (repository.archived) throw graphqlFault("UNPROCESSABLE", "Repository was archived so is read-only.");
}

import type { Credential } from "../accounts/credential.js";
import type { Budget } from "../control/rate-limits.js";
import type { Addresses } from "../http/addresses.js";
import { parseNodeId } from "../ids.js";
import type { Platform } from "../platform.js";
import { canSee, may, type Need } from "../repositories/access.js";
import type { BoxRepository } from "../repositories/repository.js";
import { graphqlFault } from "./graphql-fault.js";

/** The context of resolvers. */
export interface GraphqlContext {
  platform: Platform;
  credential: Credential;
  addresses: Addresses;
  budget: Budget;
}

/** Returns the repository with a node ID. Throws `NOT_FOUND` when it does not exist or the caller cannot see it. */
export function repositoryById(context: GraphqlContext, id: string): BoxRepository {
  const node = parseNodeId(id);
  const repository = node?.type === "Repository" ? context.platform.repositories.findById(Number(node.key)) : undefined;
  if (repository === undefined || !canSee(context.credential, repository)) throw unknownNode(id);
  return repository;
}

/** Creates GitHub's error for an unknown node ID. */
export function unknownNode(id: string): Error {
  return graphqlFault("NOT_FOUND", `Could not resolve to a node with the global id of '${id}'`);
}

/** Throws unless the caller has a permission on a repository that is not archived. */
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

import type { Account } from "../accounts/account.js";
import { nodeId } from "../ids.js";
import type { GraphqlContext } from "./context.js";
import type { GraphqlNode } from "./graphql-node.js";

/** Returns the node of a user or organization. */
export function accountNode({ addresses }: GraphqlContext, account: Account): GraphqlNode {
  const type = account.type === "Organization" ? "Organization" : "User";
  return {
    __typename: type,
    id: nodeId(type, account.id),
    databaseId: account.id,
    login: account.login,
    name: account.name,
    url: `${addresses.html}/${account.login}`,
  };
}

import { nodeId } from "../ids.js";
import type { PullRequest } from "../repositories/pull-request.js";
import type { BoxRepository } from "../repositories/repository.js";
import type { GraphqlContext } from "./context.js";
import type { GraphqlNode } from "./graphql-node.js";

/** Returns the node of a pull request. */
export function pullRequestNode(
  { addresses }: GraphqlContext,
  repository: BoxRepository,
  pull: PullRequest,
): GraphqlNode {
  return {
    __typename: "PullRequest",
    id: nodeId("PullRequest", pull.id),
    fullDatabaseId: String(pull.id),
    number: pull.number,
    title: pull.title,
    body: pull.body ?? "",
    state: pull.state.toUpperCase(),
    isDraft: pull.draft,
    baseRefName: pull.base,
    headRefName: pull.head,
    headRefOid: repository.refs.seen(`refs/heads/${pull.head}`) ?? pull.headOid,
    url: `${addresses.html}/${repository.fullName}/pull/${pull.number}`,
  };
}

import { openPullRequest, PullRequestRefusedError } from "../repositories/open-pull-request.js";
import { type GraphqlContext, repositoryById, requireAccess } from "./context.js";
import { graphqlFault } from "./graphql-fault.js";
import { pullRequestNode } from "./pull-request-node.js";

interface Input {
  baseRefName: string;
  body?: string | null;
  clientMutationId?: string | null;
  draft?: boolean | null;
  headRefName: string;
  repositoryId: string;
  title: string;
}

/** Resolves `createPullRequest`: opens a pull request between two branches of a repository. */
export async function createPullRequest({ input }: { input: Input }, context: GraphqlContext): Promise<unknown> {
  const repository = repositoryById(context, input.repositoryId);
  requireAccess(context, repository, { permission: "pull_requests", level: "write" }, "createPullRequest");
  try {
    const pull = await openPullRequest(context.platform, repository, context.credential.actor, {
      title: input.title,
      body: input.body ?? null,
      head: input.headRefName,
      base: input.baseRefName,
      draft: input.draft ?? false,
    });
    const node = pullRequestNode(context, repository, pull);
    return { clientMutationId: input.clientMutationId ?? null, pullRequest: node };
  } catch (error) {
    if (error instanceof PullRequestRefusedError) throw graphqlFault("UNPROCESSABLE", error.message);
    throw error;
  }
}

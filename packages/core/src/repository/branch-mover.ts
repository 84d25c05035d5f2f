import * as z from "zod";
import type { ObjectId, RepositoryInfo } from "../domain/repository.js";
import { undefinedFieldsOf } from "../github/error-mapping.js";
import type { GitHubClient } from "../github/github-client.js";
import { repositoryParameters } from "../github/repository-name.js";
import { explainRefusal } from "./explain-refusal.js";

/** The move of a branch from one commit to the next. */
export interface BranchMove {
  readonly repository: RepositoryInfo;
  readonly branch: string;
  /** The expected head of the branch; `null` when the branch must not exist yet. */
  readonly from: ObjectId | null;
  readonly to: ObjectId;
  readonly touchesWorkflows: boolean;
  /** The paths that the commit writes and deletes. */
  readonly paths: readonly string[];
}

const UPDATE_REFS = /* GraphQL */ `
  mutation MoveBranch($input: UpdateRefsInput!) {
    updateRefs(input: $input) { clientMutationId }
  }
`;

const updatedSchema = z.object({ updateRefs: z.object({ clientMutationId: z.string().nullable() }) });

/** Moves branches by compare-and-swap, never by force. It remembers the servers that do not have `updateRefs`. */
export class BranchMover {
  // Older GitHub Enterprise Servers do not have the mutation.
  readonly #withoutUpdateRefs = new Set<string>();

  /**
   * Moves the branch once.
   *
   * @throws GitHubSdkError `branch_moved` when its head is not `from`, the rules' codes, and what the client maps
   * @see https://docs.github.com/en/graphql/reference/mutations#updaterefs
   */
  async move(client: GitHubClient, move: BranchMove, signal: AbortSignal): Promise<void> {
    try {
      await this.#request(client, move, signal);
    } catch (error) {
      throw await explainRefusal(client, move, error, signal);
    }
  }

  async #request(client: GitHubClient, move: BranchMove, signal: AbortSignal): Promise<void> {
    if (this.#withoutUpdateRefs.has(client.apiUrl)) return moveByRest(client, move, signal);
    try {
      await moveByGraphql(client, move, signal);
    } catch (error) {
      if (!undefinedFieldsOf(error).includes("updateRefs")) throw error;
      this.#withoutUpdateRefs.add(client.apiUrl);
      await moveByRest(client, move, signal);
    }
  }
}

async function moveByGraphql(client: GitHubClient, move: BranchMove, signal: AbortSignal): Promise<void> {
  const { repository, branch, from, to, touchesWorkflows } = move;
  const refUpdate = {
    name: `refs/heads/${branch}`,
    beforeOid: from ?? "0".repeat(to.length),
    afterOid: to,
    force: false,
  };
  const input = { repositoryId: repository.nodeId, refUpdates: [refUpdate] };
  await client.graphql(UPDATE_REFS, { input }, updatedSchema, { signal, touchesWorkflows });
}

/**
 * Moves the branch with REST. Without force GitHub accepts only fast-forwards: since the commit's parent is the expected head,
 * the move of a branch with other new commits is rejected.
 *
 * @see https://docs.github.com/en/rest/git/refs#update-a-reference
 */
async function moveByRest(client: GitHubClient, move: BranchMove, signal: AbortSignal): Promise<void> {
  const { branch, from, to, touchesWorkflows } = move;
  const repository = repositoryParameters(move.repository.fullName);
  if (from === null) {
    const created = { ...repository, ref: `refs/heads/${branch}`, sha: to };
    await client.request("POST /repos/{owner}/{repo}/git/refs", created, { signal, touchesWorkflows });
  } else {
    const updated = { ...repository, ref: `heads/${branch}`, sha: to, force: false };
    await client.request("PATCH /repos/{owner}/{repo}/git/refs/{ref}", updated, { signal, touchesWorkflows });
  }
}

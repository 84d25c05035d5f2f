import { z } from "zod";
import type { ObjectId } from "../domain/repository.js";
import { isGitHubSdkError } from "../errors.js";
import type { WebhookApp, WebhookServices } from "./webhook-services.js";

/** A repository as an installation sees it now. */
export interface RepositoryReading {
  readonly id: number;
  /** `owner/name`. */
  readonly fullName: string;
  readonly private: boolean;
  /** GitHub's numeric id of the account that owns it. */
  readonly ownerId: number;
  /** The branch that was asked for; `null` when there is none of that name. */
  readonly head: { readonly commitId: ObjectId; readonly message: string } | null;
}

/** `unknown`: the installation that was to ask is gone or may not. */
export type RepositoryAnswer = RepositoryReading | "gone" | "unknown";

/** What to read, and through which installation. */
export interface RepositoryQuestion {
  readonly installationId: number;
  /** GitHub's GraphQL id: unlike the name it is never another repository's. */
  readonly nodeId: string;
  /** `refs/heads/NAME`; `null` when no branch is asked for. */
  readonly ref: string | null;
  readonly signal: AbortSignal;
}

const QUERY = /* GraphQL */ `
  query WebhookRepository($id: ID!, $ref: String!, $hasRef: Boolean!) {
    node(id: $id) {
      ... on Repository {
        databaseId
        nameWithOwner
        isPrivate
        owner { ... on User { databaseId } ... on Organization { databaseId } }
        ref(qualifiedName: $ref) @include(if: $hasRef) { target { oid ... on Commit { message } } }
      }
    }
  }
`;

const answerSchema = z.object({
  node: z
    .object({
      databaseId: z.int(),
      nameWithOwner: z.string(),
      isPrivate: z.boolean(),
      owner: z.object({ databaseId: z.int() }),
      ref: z.object({ target: z.object({ oid: z.string(), message: z.string().default("") }) }).nullish(),
    })
    .nullable(),
});

/** Asks GitHub, in the name of an installation, for a repository as it is now. */
export async function readRepository(
  { clients }: Pick<WebhookServices, "clients">,
  app: WebhookApp,
  { installationId, nodeId, ref, signal }: RepositoryQuestion,
): Promise<RepositoryAnswer> {
  const permissions = ref === null ? { metadata: "read" } : { contents: "read" };
  const client = clients.for(app.credential({ installationId, permissions }));
  try {
    const variables = { id: nodeId, ref: ref ?? "", hasRef: ref !== null };
    const { node } = await client.graphql(QUERY, variables, answerSchema, { signal, retry: "safe" });
    return node === null ? "gone" : toReading(node);
  } catch (error) {
    if (isGitHubSdkError(error, "repository_not_found")) return "gone";
    if (isGitHubSdkError(error, "installation_not_found") || isGitHubSdkError(error, "insufficient_permissions")) {
      return "unknown";
    }
    throw error;
  }
}

function toReading(node: NonNullable<z.infer<typeof answerSchema>["node"]>): RepositoryReading {
  const target = node.ref?.target;
  return {
    id: node.databaseId,
    fullName: node.nameWithOwner,
    private: node.isPrivate,
    ownerId: node.owner.databaseId,
    head: target === undefined ? null : { commitId: target.oid, message: target.message },
  };
}

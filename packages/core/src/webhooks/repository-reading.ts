import * as z from "zod";
import type { ObjectId } from "../domain/repository.js";
import { isGitHubSdkError } from "../errors.js";
import type { WebhookApp, WebhookServices } from "./webhook-services.js";

/** A repository as an installation currently sees it. */
export interface RepositoryReading {
  readonly id: number;
  /** `owner/name`. */
  readonly fullName: string;
  readonly private: boolean;
  /** The numeric ID of the account that owns the repository. */
  readonly ownerId: number;
  /** The head of the requested branch; `null` when the branch does not exist. */
  readonly head: { readonly commitId: ObjectId; readonly message: string } | null;
}

/** A repository, `gone` when GitHub does not show it, or `unknown` when the installation is gone or lacks the permission. */
export type RepositoryResult = RepositoryReading | "gone" | "unknown";

/** A query for a repository and one of its branches. */
export interface RepositoryQuery {
  readonly installationId: number;
  /** GitHub's GraphQL ID. Unlike the name, it never refers to another repository. */
  readonly nodeId: string;
  /** `refs/heads/NAME`; `null` to read no branch. */
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

const responseSchema = z.object({
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

/** Reads a repository's current state from GitHub, as an installation. */
export async function readRepository(
  { clients }: Pick<WebhookServices, "clients">,
  app: WebhookApp,
  { installationId, nodeId, ref, signal }: RepositoryQuery,
): Promise<RepositoryResult> {
  const permissions = ref === null ? { metadata: "read" } : { contents: "read" };
  const client = clients.for(app.credential({ installationId, permissions }));
  try {
    const variables = { id: nodeId, ref: ref ?? "", hasRef: ref !== null };
    const { node } = await client.graphql(QUERY, variables, responseSchema, { signal, retry: "safe" });
    return node === null ? "gone" : toReading(node);
  } catch (error) {
    if (isGitHubSdkError(error, "repository_not_found")) return "gone";
    if (isGitHubSdkError(error, "installation_not_found") || isGitHubSdkError(error, "insufficient_permissions")) {
      return "unknown";
    }
    throw error;
  }
}

function toReading(node: NonNullable<z.infer<typeof responseSchema>["node"]>): RepositoryReading {
  const target = node.ref?.target;
  return {
    id: node.databaseId,
    fullName: node.nameWithOwner,
    private: node.isPrivate,
    ownerId: node.owner.databaseId,
    head: target === undefined ? null : { commitId: target.oid, message: target.message },
  };
}

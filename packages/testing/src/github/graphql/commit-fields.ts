import { isoTime, type Signature, serializeCommit } from "../git/commit.js";
import type { CommitWithId } from "../git/history.js";
import { findByAddress } from "../payloads/commit.js";
import type { BoxRepository } from "../repositories/repository.js";
import { accountNode } from "./account-node.js";
import type { GraphqlContext } from "./context.js";
import type { GraphqlNode } from "./graphql-node.js";

/** Returns a `GitActor`, with the account of the email address. */
export function gitActor(context: GraphqlContext, { name, email, seconds }: Signature): Record<string, unknown> {
  const account = findByAddress(context, email);
  const user = account?.type === "User" ? accountNode(context, account) : null;
  return { name, email, date: isoTime(seconds), user };
}

/** Returns the signature of a commit, or null when it is not signed. */
export function signatureNode(repository: BoxRepository, commit: CommitWithId): GraphqlNode | null {
  const isValid = repository.verified.has(commit.oid);
  if (!isValid && commit.signature === undefined) return null;
  return {
    __typename: "GpgSignature",
    email: commit.committer.email,
    isValid,
    keyId: null,
    payload: serializeCommit(commit, false).toString(),
    signature: commit.signature ?? "",
    state: isValid ? "VALID" : "UNKNOWN_KEY",
    wasSignedByGitHub: isValid,
  };
}

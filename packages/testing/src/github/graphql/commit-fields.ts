import { isoTime, type Signature, serializeCommit } from "../git/commit.js";
import type { CommitWithId } from "../git/history.js";
import { findByAddress } from "../payloads/commit.js";
import type { BoxRepository } from "../repositories/repository.js";
import { accountNode } from "./account-node.js";
import type { GraphqlContext } from "./context.js";
import type { GraphqlNode } from "./graphql-node.js";

/** Who a commit names, and the account behind the address. */
export function gitActor(context: GraphqlContext, { name, email, seconds }: Signature): Record<string, unknown> {
  const account = findByAddress(context, email);
  const user = account?.type === "User" ? accountNode(context, account) : null;
  return { name, email, date: isoTime(seconds), user };
}

/** The signature of a commit; null when it has none. */
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

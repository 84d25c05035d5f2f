import type { Account } from "../accounts/account.js";
import { isoTime, type Signature, serializeCommit } from "../git/commit.js";
import type { CommitWithId } from "../git/history.js";
import type { RepositoryCall } from "../http/route.js";
import { nodeId } from "../ids.js";
import { noreplyAddress } from "../repositories/repositories.js";
import { simpleUser } from "./account.js";
import { repositoryUrl } from "./repository.js";

/** Returns the author or committer of a commit. */
function signaturePayload({ name, email, seconds }: Signature): Record<string, string> {
  return { name, email, date: isoTime(seconds) };
}

/** Returns the `verification` of a commit. */
function verificationPayload(call: RepositoryCall, commit: CommitWithId): Record<string, unknown> {
  const payload = serializeCommit(commit, false).toString();
  if (call.repository.verified.has(commit.oid)) {
    const verified_at = isoTime(commit.committer.seconds);
    return { verified: true, reason: "valid", signature: commit.signature ?? null, payload, verified_at };
  }
  if (commit.signature === undefined) {
    return { verified: false, reason: "unsigned", signature: null, payload: null, verified_at: null };
  }
  return { verified: false, reason: "unknown_key", signature: commit.signature, payload, verified_at: null };
}

/** Returns a commit of the Git Database API. */
export function gitCommitPayload(call: RepositoryCall, commit: CommitWithId): Record<string, unknown> {
  const url = `${repositoryUrl(call.repository, call)}/git`;
  const html = `${call.addresses.html}/${call.repository.fullName}/commit`;
  return {
    sha: commit.oid,
    node_id: nodeId("Commit", `${call.repository.id}:${commit.oid}`),
    url: `${url}/commits/${commit.oid}`,
    html_url: `${html}/${commit.oid}`,
    author: signaturePayload(commit.author),
    committer: signaturePayload(commit.committer),
    tree: { sha: commit.tree, url: `${url}/trees/${commit.tree}` },
    message: commit.message,
    parents: commit.parents.map((sha) => ({ sha, url: `${url}/commits/${sha}`, html_url: `${html}/${sha}` })),
    verification: verificationPayload(call, commit),
  };
}

/** Returns a commit as in lists and comparisons. */
export function commitPayload(call: RepositoryCall, commit: CommitWithId): Record<string, unknown> {
  const url = repositoryUrl(call.repository, call);
  const html = `${call.addresses.html}/${call.repository.fullName}/commit`;
  return {
    sha: commit.oid,
    node_id: nodeId("Commit", `${call.repository.id}:${commit.oid}`),
    commit: {
      author: signaturePayload(commit.author),
      committer: signaturePayload(commit.committer),
      message: commit.message,
      tree: { sha: commit.tree, url: `${url}/git/trees/${commit.tree}` },
      url: `${url}/git/commits/${commit.oid}`,
      comment_count: 0,
      verification: verificationPayload(call, commit),
    },
    url: `${url}/commits/${commit.oid}`,
    html_url: `${html}/${commit.oid}`,
    comments_url: `${url}/commits/${commit.oid}/comments`,
    author: accountOf(call, commit.author),
    committer: accountOf(call, commit.committer),
    parents: commit.parents.map((sha) => ({ sha, url: `${url}/commits/${sha}`, html_url: `${html}/${sha}` })),
  };
}

function accountOf(call: RepositoryCall, { email }: Signature): Record<string, unknown> | null {
  const account = findByAddress(call, email);
  return account === undefined ? null : simpleUser(account, call.addresses);
}

/** Returns the account of a noreply email address. Other addresses have no account in the box. */
export function findByAddress(call: Pick<RepositoryCall, "platform">, email: string): Account | undefined {
  const login = /^\d+\+(.+)@users\.noreply\.github\.com$/.exec(email)?.[1];
  const account = login === undefined ? undefined : call.platform.accounts.find(login);
  return account !== undefined && noreplyAddress(account) === email ? account : undefined;
}

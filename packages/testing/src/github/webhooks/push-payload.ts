import type { DomainEvent } from "../domain-events.js";
import { isoTime, type Signature } from "../git/commit.js";
import { changedPaths } from "../git/diff.js";
import type { CommitWithId } from "../git/history.js";
import type { Addresses } from "../http/addresses.js";
import { noreplyAddress } from "../repositories/repositories.js";
import type { BoxRepository } from "../repositories/repository.js";

type Json = Record<string, unknown>;
type Push = Extract<DomainEvent, { event: "push" }>;

const ZERO = "0".repeat(40);

/** Maximum number of commits in a payload. */
const MOST_COMMITS = 2048;

/** Maximum number of changed files per commit. */
const MOST_FILES = 3000;

/**
 * Returns the payload of a `push` event.
 *
 * @see https://docs.github.com/webhooks/webhook-events-and-payloads#push
 */
export async function pushPayload(push: Push, repositoryPayload: Json, { html }: Addresses): Promise<Json> {
  const { repository, ref, before, after, sender } = push;
  const at = `${html}/${repository.fullName}`;
  const email = sender.profile.email ?? noreplyAddress(sender);
  const commits = await Promise.all((await newCommits(push)).map((commit) => commitPayload(repository, commit, at)));
  const head = after === undefined ? undefined : await repository.history.commit(after);
  const isForced = before !== undefined && after !== undefined && !(await repository.history.isAncestor(before, after));
  const owner = {
    name: repository.owner.login,
    email: noreplyAddress(repository.owner),
    ...Object(repositoryPayload.owner),
  };
  return {
    ref,
    before: before ?? ZERO,
    after: after ?? ZERO,
    repository: {
      ...repositoryPayload,
      owner,
      url: at,
      created_at: Math.floor(repository.createdAt / 1000),
      pushed_at: Math.floor(repository.pushedAt / 1000),
      stargazers: 0,
      master_branch: repository.defaultBranch,
      ...(repository.owner.type === "Organization" ? { organization: repository.owner.login } : {}),
    },
    pusher: { name: sender.login, email },
    created: before === undefined,
    deleted: after === undefined,
    forced: isForced,
    base_ref: null,
    compare: `${at}/compare/${before === undefined ? shortName(ref) : `${before.slice(0, 12)}...${(after ?? ZERO).slice(0, 12)}`}`,
    commits,
    head_commit: head === undefined ? null : await commitPayload(repository, head, at),
  };
}

/** Returns the commits that were on no branch before the push, parents before children. */
async function newCommits({ repository, ref, before, after }: Push): Promise<CommitWithId[]> {
  if (after === undefined || !ref.startsWith("refs/heads/")) return [];
  const others = repository.refs.list("refs/heads/").filter(({ name }) => name !== ref);
  const known = before === undefined ? others.map(({ oid }) => oid) : [before];
  return (await repository.history.missing([after], known)).slice(-MOST_COMMITS);
}

async function commitPayload(repository: BoxRepository, commit: CommitWithId, at: string): Promise<Json> {
  const { oid, tree, message, author, committer, parents } = commit;
  const changed = await changedPaths(repository.gitDir, await repository.treeOf(parents[0]), tree);
  const named = (status: string): string[] =>
    changed
      .slice(0, MOST_FILES)
      .filter((file) => file.status === status)
      .map(({ path }) => path);
  return {
    id: oid,
    tree_id: tree,
    distinct: true,
    message: message.replace(/\n+$/, ""),
    timestamp: isoTime(committer.seconds),
    url: `${at}/commit/${oid}`,
    author: person(author),
    committer: person(committer),
    added: named("added"),
    removed: named("removed"),
    modified: named("modified"),
  };
}

/** Returns an author or committer, with the account of a noreply email address. */
function person({ name, email, seconds }: Signature): Json {
  const username = /^\d+\+(.+)@users\.noreply\.github\.com$/.exec(email)?.[1];
  return { name, email, date: isoTime(seconds), ...(username === undefined ? {} : { username }) };
}

function shortName(ref: string): string {
  return ref.replace(/^refs\/(heads|tags)\//, "");
}

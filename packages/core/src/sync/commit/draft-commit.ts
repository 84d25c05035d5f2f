import type { ProjectJournal } from "../../domain/baseline.js";
import type { ObjectId } from "../../domain/repository.js";
import type { GitHubClient } from "../../github/github-client.js";
import { chooseWriter, type WriterChoice } from "../../repository/choose-writer.js";
import type { ChangeSet, CommitWriter } from "../../repository/commit-writer.js";
import type { RepositoryCache } from "../../repository/repository-cache.js";
import type { PreparedSync } from "../plan/prepare-sync.js";
import type { RemoteBranch } from "../plan/remote-branch.js";
import type { LocalProject } from "../project/local-project.js";
import { type CommitRecord, toChangeSet } from "./change-set.js";

/** The services with which a commit is drafted. */
export interface DraftServices {
  readonly repositories: RepositoryCache;
  /** In the order of preference. */
  readonly writers: readonly CommitWriter[];
}

/** The inputs of a commit. */
export interface CommitParts {
  readonly client: GitHubClient;
  readonly local: LocalProject;
  readonly remote: RemoteBranch;
  readonly prepared: PreparedSync;
  /** The changes of the project that follow the commit; absent when there are none. */
  readonly journal?: ProjectJournal | undefined;
  /** The branch to write to: the branch that was read, or a new one for a pull request. */
  readonly branch: string;
}

/** A commit before the first attempt to write it. */
export interface CommitDraft {
  readonly changeSet: ChangeSet;
  readonly choice: WriterChoice;
}

/** A placeholder for the attempt of a draft. */
const NO_ATTEMPT = { number: 0, mark: "" } as const;

/**
 * Makes a plan's change set and chooses its writers.
 *
 * @throws GitHubSdkError what `chooseWriter` throws
 */
export function draftCommit(
  { repositories, writers }: DraftServices,
  record: CommitRecord,
  { client, local, remote, prepared, branch }: CommitParts,
): CommitDraft {
  const contents = {
    content: (oid: ObjectId) => local.content(oid),
    deflated: (oid: ObjectId) => local.deflated(oid),
  };
  const drafted = toChangeSet(record, NO_ATTEMPT, prepared.plan, remote, contents, branch);
  const changeSet = withoutKnown(drafted, prepared.knownBlobs);
  const { repository, permissions } = remote.view;
  const preferences = {
    wanted: record.options.writer,
    requiresSignatures: permissions.requiresSignatures,
    credentialKind: client.credential.kind,
    blocked: repositories.blockedWriters(client, repository.fullName),
  };
  return { changeSet, choice: chooseWriter(changeSet, preferences, writers) };
}

/** Leaves out of the missing objects those that the repository is known to have. */
function withoutKnown(changeSet: ChangeSet, known: ReadonlySet<ObjectId>): ChangeSet {
  const { missing } = changeSet;
  if (missing === null || known.size === 0) return changeSet;
  return { ...changeSet, missing: { ...missing, blobs: missing.blobs.filter((oid) => !known.has(oid)) } };
}

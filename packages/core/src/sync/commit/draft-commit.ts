import type { GitHubClient } from "../../github/github-client.js";
import { chooseWriter, type WriterChoice } from "../../repository/choose-writer.js";
import type { ChangeSet } from "../../repository/commit-writer.js";
import type { PreparedSync } from "../plan/prepare-sync.js";
import type { RemoteBranch } from "../plan/remote-branch.js";
import type { LocalProject } from "../project/local-project.js";
import type { SyncServices } from "../sync-services.js";
import { type CommitRecord, toChangeSet } from "./change-set.js";

/** What a commit is made of. */
export interface CommitParts {
  readonly client: GitHubClient;
  readonly local: LocalProject;
  readonly remote: RemoteBranch;
  readonly prepared: PreparedSync;
}

/** A commit before any attempt at it. */
export interface CommitDraft {
  readonly changeSet: ChangeSet;
  readonly choice: WriterChoice;
}

/** Stands for an attempt where there is none. */
const NO_ATTEMPT = { number: 0, mark: "" } as const;

/**
 * Makes a plan's change set, and picks who writes it.
 *
 * @throws GitHubSdkError what `chooseWriter` throws
 */
export function draftCommit(
  { repositories, writers }: Pick<SyncServices, "repositories" | "writers">,
  record: CommitRecord,
  { client, local, remote, prepared }: CommitParts,
): CommitDraft {
  const changeSet = toChangeSet(record, NO_ATTEMPT, prepared.plan, remote, {
    content: (oid) => local.content(oid),
    deflated: (oid) => local.deflated(oid),
  });
  const { repository, permissions } = remote.view;
  const preferences = {
    wanted: record.options.writer,
    requiresSignatures: permissions.requiresSignatures,
    credentialKind: client.credential.kind,
    blocked: repositories.blockedWriters(client, repository.fullName),
  };
  return { changeSet, choice: chooseWriter(changeSet, preferences, writers) };
}

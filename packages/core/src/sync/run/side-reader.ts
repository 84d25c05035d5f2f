import { type Baseline, EMPTY_BASELINE } from "../../domain/baseline.js";
import type { ObjectId } from "../../domain/repository.js";
import { GitHubSdkError } from "../../errors.js";
import type { GitHubClient } from "../../github/github-client.js";
import type { BranchView } from "../../repository/branch-view.js";
import { readObjectFormat } from "../../repository/object-format.js";
import type { RepositoryCache } from "../../repository/repository-cache.js";
import { continuesProposal, proposesByRule, readProposal, withoutEndedProposal } from "../plan/proposal.js";
import { type RemoteBranch, RemoteBranchReader } from "../plan/remote-branch.js";
import { LocalProject } from "../project/local-project.js";
import { type RevertedCommit, readRevertedCommit, sessionBefore } from "../project/reverted-commit.js";
import type { SyncSources } from "../project/sync-sources.js";
import type { LeasedRecord, RecordStores } from "../record/leased-record.js";
import type { ProgressReporter } from "../record/progress.js";

/** The running sync whose sides are read. */
export interface SideReaderContext {
  readonly services: RecordStores & { readonly sources: SyncSources; readonly repositories: RepositoryCache };
  readonly record: LeasedRecord;
  readonly progress: ProgressReporter;
  readonly signal: AbortSignal;
}

/** A branch and its baseline. */
interface ReadResult {
  readonly baseline: Baseline;
  readonly remote: RemoteBranch;
}

/** Reads the branch, its baseline and the project of a running sync. */
export class SideReader {
  readonly #context: SideReaderContext;
  readonly #remotes: RemoteBranchReader;
  #proposes: boolean;
  #reverted: RevertedCommit | null = null;

  constructor(context: SideReaderContext) {
    this.#context = context;
    this.#remotes = new RemoteBranchReader(context.services.repositories, context.services.clock);
    this.#proposes = context.record.current.options.strategy === "pull_request";
  }

  /** True once it is known that the changes go to a pull request. */
  get proposes(): boolean {
    return this.#proposes;
  }

  /** The commit that the sync takes back, once the project is open; `null` for any other sync. */
  get reverted(): RevertedCommit | null {
    return this.#reverted;
  }

  /** Lets the changes go to a pull request from the next read on. */
  propose(): void {
    this.#proposes = true;
  }

  /** Reads the branch and its baseline: the target's, or those of an open pull request that the sync adds to. */
  async read(client: GitHubClient, again: boolean): Promise<ReadResult> {
    const { id, repository, target, options } = this.#context.record.current;
    const baseline = await this.#loadBaseline(client);
    const query = { client, repository, target, baseline, signal: this.#context.signal };
    this.#proposes ||= continuesProposal(options, baseline);
    const proposal = this.#proposes ? await readProposal(this.#remotes, query) : null;
    const snapshot = again ? null : this.#context.services.sources.takeSnapshot(id);
    const sides = proposal ?? { baseline, remote: await this.#remotes.read(query, snapshot, again) };
    this.#assertSameRepository(client, sides.remote);
    this.#proposes ||= proposesByRule(options, sides.remote.view);
    return sides;
  }

  async #loadBaseline(client: GitHubClient): Promise<Baseline> {
    const { repository, target } = this.#context.record.current;
    const stored = (await this.#context.services.baselines.load(target)).baseline ?? EMPTY_BASELINE;
    const baseline = await withoutEndedProposal(stored, { client, repository, signal: this.#context.signal });
    if (baseline !== stored) await this.#context.record.saveBaseline(baseline);
    return baseline;
  }

  #assertSameRepository(client: GitHubClient, { view }: RemoteBranch): void {
    const { repository, target } = this.#context.record.current;
    if (view.repository.id === target.repositoryId) return;
    this.#context.services.repositories.forget(client, repository);
    throw new GitHubSdkError(
      "repository_not_found",
      `${repository} now refers to a different repository. Start a new sync.`,
    );
  }

  /** Opens the project and reads the files that changed since the baseline. It must be closed. */
  async openProject(client: GitHubClient, baseline: Baseline, { view }: RemoteBranch): Promise<LocalProject> {
    const { target, options, direction } = this.#context.record.current;
    if (options.reverts !== undefined) return this.#openBefore(client, options.reverts.commitId, view);
    return LocalProject.open({
      openSession: () => this.#context.services.sources.open(this.#context.record.current, this.#context.signal),
      baseline,
      directory: target.directory,
      options,
      direction,
      format: await readObjectFormat(client, view, this.#context.signal),
      signal: this.#context.signal,
      onProgress: (done, total, path) => this.#context.progress.report("reading", done, total, path),
    });
  }

  /** Opens the files as they were before the commit that the sync takes back. */
  async #openBefore(client: GitHubClient, commitId: ObjectId, view: BranchView): Promise<LocalProject> {
    const { signal, progress } = this.#context;
    const { target, options, direction } = this.#context.record.current;
    const repository = view.repository.fullName;
    const query = { client, repository, directory: target.directory, signal };
    const reverted = await readRevertedCommit(query, commitId);
    this.#reverted = reverted;
    return LocalProject.open({
      openSession: () => sessionBefore(reverted, query),
      baseline: reverted.before,
      directory: target.directory,
      options: { ...options, filePaths: [...reverted.paths] },
      direction,
      format: await readObjectFormat(client, view, signal),
      signal,
      onProgress: (done, total, path) => progress.report("reading", done, total, path),
    });
  }
}

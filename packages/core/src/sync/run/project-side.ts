import type { ProjectWriteSession } from "../../adapters/project-files.js";
import type { Baseline, ProjectJournal } from "../../domain/baseline.js";
import type { GitHubClient } from "../../github/github-client.js";
import type { IncomingSide } from "../plan/incoming-side.js";
import type { SyncPlan } from "../plan/plan.js";
import { journalOf, remainingChanges, settledChanges, settleJournal } from "../plan/project-journal.js";
import type { IncomingChange } from "../plan/resolve-conflict.js";
import type { LocalProject } from "../project/local-project.js";
import type { SyncSources } from "../project/sync-sources.js";
import { NO_UPDATE, ProjectUpdate, type ProjectUpdateContext, type UpdateResult } from "./project-update.js";

/** The running sync whose project may be changed. */
export interface ProjectSideContext extends Pick<ProjectUpdateContext, "record" | "progress" | "clock" | "signal"> {
  readonly sources: SyncSources;
}

/** The branch and the project as a run has read them. */
export interface UpdateSides {
  readonly client: GitHubClient;
  readonly local: LocalProject;
}

/**
 * The project as a run may change it. It is opened for writing when the sync's direction changes the project, and when an
 * earlier sync may have left something behind in it.
 */
export class ProjectSide {
  /** `null` for the direction `push`. */
  readonly incoming: IncomingSide | null;
  readonly #context: ProjectSideContext;
  readonly #session: ProjectWriteSession | null;

  private constructor(context: ProjectSideContext, session: ProjectWriteSession | null) {
    const { direction } = context.record.current;
    this.#context = context;
    this.#session = session;
    this.incoming = direction === "push" || session === null ? null : { direction, traits: session.traits };
  }

  /**
   * Opens the project and tidies up after an earlier sync, so that the project can be listed.
   *
   * @throws GitHubSdkError `capability_not_configured`, and what the source throws
   */
  static async open(context: ProjectSideContext, { journal }: Baseline): Promise<ProjectSide> {
    const { sources, record, signal } = context;
    const { direction, options } = record.current;
    // A sync that takes another one back does not look at the project.
    const mayBeLeft = journal !== undefined && options.reverts === undefined && sources.isWritable;
    const isNeeded = direction !== "push" || mayBeLeft;
    const session = isNeeded ? await sources.openToWrite(record.current, signal) : null;
    const side = new ProjectSide(context, session);
    try {
      if (journal !== undefined) await session?.tidy(journal.operation, journal.changes.keys());
      return side;
    } catch (error) {
      await side.close();
      throw error;
    }
  }

  /** Returns the journal of planned changes; `undefined` when there are none. */
  journal(incoming: ReadonlyMap<string, IncomingChange>, local: LocalProject): ProjectJournal | undefined {
    return journalOf(incoming, local.files, this.#operation());
  }

  /** Ends the journal of an earlier run by what is in the project, and saves the baseline. */
  async settle(baseline: Baseline, local: LocalProject): Promise<Baseline> {
    const { record } = this.#context;
    const settled = settleJournal(baseline, local);
    await record.saveBaseline(settled);
    await this.#count(baseline, local);
    return settled;
  }

  /** Makes the changes that an earlier run of the same sync has left, and returns the record's counts and notes. */
  async resume(baseline: Baseline, journal: ProjectJournal, sides: UpdateSides): Promise<UpdateResult> {
    const changes = remainingChanges(journal, sides.local.files);
    const rest = { ...this.#operation(), changes };
    const settled = { ...settleJournal(baseline, sides.local), journal: rest };
    await this.#context.record.saveBaseline(settled);
    await this.#count(baseline, sides.local);
    return this.#run(settled, rest, new Map(), sides);
  }

  /** Makes the changes of the stored baseline's journal, and returns the record's counts and notes. */
  async update(baseline: Baseline, plan: SyncPlan, sides: UpdateSides): Promise<UpdateResult> {
    if (baseline.journal === undefined || this.#context.record.current.options.reverts !== undefined) return NO_UPDATE;
    const sizes = new Map(plan.projectChanges.map(({ path, size }) => [path, size]));
    return this.#run(baseline, baseline.journal, sizes, sides);
  }

  /** Closes the session. Never rejects. */
  async close(): Promise<void> {
    await this.#session?.close().catch(() => undefined);
  }

  #run(
    baseline: Baseline,
    journal: ProjectJournal,
    sizes: ReadonlyMap<string, number>,
    { client, local }: UpdateSides,
  ) {
    if (this.#session === null) throw new Error("unreachable: a sync that changes the project has a session");
    const { repository } = this.#context.record.current;
    const context = { ...this.#context, session: this.#session, client, repository, local, sizes };
    return new ProjectUpdate(context, baseline, journal).run();
  }

  /** Counts changes that an earlier run of the same sync made and could not record. */
  async #count({ journal }: Baseline, local: LocalProject): Promise<void> {
    const { record } = this.#context;
    if (journal?.syncId !== record.current.id) return;
    const { filesPulled, filesRemoved, filesKept } = record.current;
    const made = settledChanges(journal, local.files);
    const removed = made.filter(({ after }) => after === null).length;
    const kept = made.filter(({ keep, before }) => keep && before !== null).length;
    if (made.length === 0) return;
    await record.save({
      filesPulled: filesPulled + made.length - removed,
      filesRemoved: filesRemoved + removed,
      filesKept: filesKept + kept,
    });
  }

  #operation(): Pick<ProjectJournal, "syncId" | "operation"> {
    const { current, leaseToken } = this.#context.record;
    return { syncId: current.id, operation: `${current.id}/${leaseToken}` };
  }
}

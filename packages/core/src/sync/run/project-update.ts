import pMap from "p-map";
import type { Clock } from "../../adapters/clock.js";
import type { ProjectWriteSession, Written } from "../../adapters/project-files.js";
import type { Baseline, BaselineEntry, JournaledChange, ProjectJournal } from "../../domain/baseline.js";
import { KEPT_DIRECTORY } from "../../domain/kept-path.js";
import type { RemoteEntry } from "../../domain/repository.js";
import type { SyncRecordChange } from "../../domain/sync-record.js";
import { GitHubSdkError } from "../../errors.js";
import { isFileMode, normalizeMode } from "../../git/file-mode.js";
import type { GitHubClient } from "../../github/github-client.js";
import { readBlob } from "../../repository/branch-reader.js";
import { pathNote } from "../plan/path-note.js";
import { confirmedBase, withConfirmed } from "../plan/project-journal.js";
import type { LocalProject } from "../project/local-project.js";
import type { LeasedRecord } from "../record/leased-record.js";
import type { ProgressReporter } from "../record/progress.js";

/** The project that is changed, and the branch that its new content comes from. */
export interface ProjectUpdateContext {
  readonly session: ProjectWriteSession;
  readonly record: LeasedRecord;
  readonly progress: ProgressReporter;
  readonly clock: Clock;
  readonly client: GitHubClient;
  /** `owner/name`. */
  readonly repository: string;
  readonly local: LocalProject;
  /** The sizes of new contents in bytes, as far as they are known. */
  readonly sizes: ReadonlyMap<string, number>;
  readonly signal: AbortSignal;
}

/** The counts of a record after an update of the project, and notes to add to it. */
export interface UpdateResult {
  readonly counts: Partial<Pick<SyncRecordChange, "filesPulled" | "filesRemoved" | "filesKept">>;
  readonly notes: readonly string[];
  /** The paths whose change was not made. */
  readonly left: readonly string[];
}

/** The result of a sync that has nothing to change in the project. */
export const NO_UPDATE: UpdateResult = { counts: {}, notes: [], left: [] };

type PathChange = readonly [path: string, change: JournaledChange];

const FILES_AT_ONCE = 8;
// Several contents are in memory at once, so that larger ones are written one after the other.
const LARGE_FILE_BYTES = 4 * 1024 * 1024;
const FILES_BETWEEN_SAVES = 64;
const TIME_BETWEEN_SAVES = 2_000;
// Longer than a store takes to save a baseline.
const LEASE_LASTS = 10_000;

/**
 * Makes the changes of a journal in the project: deletions first, each file by comparison with its expected version. The
 * baseline and the journal are saved as changes are confirmed, so that a run after a crash knows what is left.
 */
export class ProjectUpdate {
  readonly #context: ProjectUpdateContext;
  readonly #journal: ProjectJournal;
  readonly #open: Map<string, JournaledChange>;
  readonly #left = new Map<"moved" | "busy" | "unsupported", string[]>();
  readonly #kept: string[] = [];
  readonly #stopped = new AbortController();
  #baseline: Baseline;
  #confirmed = new Map<string, BaselineEntry | null>();
  #counts = { filesPulled: 0, filesRemoved: 0, filesKept: 0 };
  #done = 0;
  #unsaved = 0;
  #savedAt: number;
  #saving: Promise<void> = Promise.resolve();

  /** @param baseline the stored baseline with its journal */
  constructor(context: ProjectUpdateContext, baseline: Baseline, journal: ProjectJournal) {
    this.#context = context;
    this.#baseline = baseline;
    this.#journal = journal;
    this.#open = new Map(journal.changes);
    this.#savedAt = context.clock.now();
  }

  /** Makes all changes and returns the record's counts, and notes to add to it. After a failure the journal has the changes that are left. */
  async run(): Promise<UpdateResult> {
    const changes = [...this.#journal.changes];
    const isLarge = ([path]: PathChange): boolean => (this.#context.sizes.get(path) ?? Infinity) > LARGE_FILE_BYTES;
    const writes = changes.filter(([, { after }]) => after !== null);
    try {
      await this.#each(
        changes.filter(([, { after }]) => after === null),
        FILES_AT_ONCE,
      );
      await this.#each(
        writes.filter((change) => !isLarge(change)),
        FILES_AT_ONCE,
      );
      await this.#each(writes.filter(isLarge), 1);
    } catch (error) {
      // The reason of the failure counts; what could not be saved is found in the project by the next run.
      await this.#saveNow().catch(() => undefined);
      throw error;
    }
    await this.#saveNow();
    return { counts: this.#totals(), notes: this.#notes(), left: [...this.#left.values()].flat() };
  }

  async #each(changes: readonly PathChange[], concurrency: number): Promise<void> {
    const make = async ([path, change]: PathChange): Promise<void> => {
      try {
        this.#stopped.signal.throwIfAborted();
        this.#context.signal.throwIfAborted();
        await this.#make(path, change);
      } catch (error) {
        this.#stopped.abort(error);
        throw error;
      }
    };
    // Every change that has begun ends before the journal is saved.
    const ends = await pMap(
      changes,
      (change) =>
        make(change).then(
          () => null,
          (error: unknown) => ({ error }),
        ),
      { concurrency },
    );
    const failed = ends.find((end) => end !== null);
    if (failed !== undefined) throw this.#stopped.signal.reason ?? failed.error;
  }

  async #make(path: string, change: JournaledChange): Promise<void> {
    const written = await this.#write(path, change);
    this.#open.delete(path);
    if (written.outcome === "written") this.#confirm(path, change, written.versionTag);
    else this.#left.set(written.outcome, [...(this.#left.get(written.outcome) ?? []), path]);
    this.#done += 1;
    this.#unsaved += 1;
    this.#context.progress.report("pulling", this.#done, this.#journal.changes.size, path);
    await this.#saveSometimes();
  }

  async #write(path: string, { before, after, keep }: JournaledChange): Promise<Written> {
    const { session, local, signal } = this.#context;
    const operation = this.#journal.operation;
    const options = { operation, keep: keep ? "aside" : "drop", signal } as const;
    const file = local.files.get(path);
    const expected =
      before === null ? null : { versionTag: file?.versionTag ?? null, oid: before.oid, size: file?.size ?? 0 };
    if (after === null) {
      return expected === null ? { outcome: "written", versionTag: null } : session.remove(path, expected, options);
    }
    const mode = normalizeMode(after.mode);
    if (mode === null || !isFileMode(mode)) return { outcome: "unsupported", reason: `${path} is not a file.` };
    const bytes = await this.#content(path, after);
    const content = {
      ...{ size: bytes.length, mode, oid: after.oid },
      async *bytes() {
        yield bytes;
      },
    };
    return session.replace(path, content, expected ?? "absent", options);
  }

  /** Returns a content that the sync has read or merged, else reads it from GitHub. The source compares it with its blob ID. */
  async #content(path: string, { oid }: RemoteEntry): Promise<Uint8Array> {
    const { client, repository, local, signal } = this.#context;
    const bytes = (await local.spool.read(oid)) ?? (await readBlob(client, repository, oid, signal));
    if (bytes !== null) return bytes;
    throw new GitHubSdkError(
      "remote_history_rewritten",
      `GitHub no longer has the content of "${path}" that the sync was about to write to the project. Run the sync again.`,
      { details: { path, oid } },
    );
  }

  #confirm(path: string, change: JournaledChange, versionTag: string | null): void {
    this.#confirmed.set(path, confirmedBase(change, versionTag));
    if (change.after === null) this.#counts.filesRemoved += 1;
    else this.#counts.filesPulled += 1;
    if (!change.keep || change.before === null) return;
    this.#counts.filesKept += 1;
    this.#kept.push(path);
  }

  async #saveSometimes(): Promise<void> {
    const isDue = this.#context.clock.now() - this.#savedAt >= TIME_BETWEEN_SAVES;
    if (this.#unsaved >= FILES_BETWEEN_SAVES || isDue) await this.#saveNow();
  }

  #saveNow(): Promise<void> {
    this.#saving = this.#saving.then(() => this.#save());
    return this.#saving;
  }

  /** Saves what was confirmed, and a journal of what is left. */
  async #save(): Promise<void> {
    if (this.#unsaved === 0) return;
    const { record, clock } = this.#context;
    const confirmed = this.#confirmed;
    this.#confirmed = new Map();
    this.#unsaved = 0;
    this.#savedAt = clock.now();
    const { journal: _journal, ...baseline } = withConfirmed(this.#baseline, confirmed);
    const journal = { ...this.#journal, changes: new Map(this.#open) };
    this.#baseline = { ...baseline, savedAt: clock.now(), ...(journal.changes.size === 0 ? {} : { journal }) };
    await record.ensureLease(LEASE_LASTS);
    await record.saveBaseline(this.#baseline);
    const totals = this.#totals();
    this.#counts = { filesPulled: 0, filesRemoved: 0, filesKept: 0 };
    await record.save(totals);
  }

  /** Adds to the counts of earlier runs of the record. */
  #totals() {
    const { filesPulled, filesRemoved, filesKept } = this.#context.record.current;
    return {
      filesPulled: filesPulled + this.#counts.filesPulled,
      filesRemoved: filesRemoved + this.#counts.filesRemoved,
      filesKept: filesKept + this.#counts.filesKept,
    };
  }

  #notes(): string[] {
    const left = (outcome: "moved" | "busy" | "unsupported"): string[] => (this.#left.get(outcome) ?? []).sort();
    const kept = `${KEPT_DIRECTORY}/${this.#context.record.current.id}`;
    return [
      ...pathNote("Changed in the project meanwhile and left alone until the next sync", left("moved")),
      ...pathNote("In use by another program and left alone until the next sync", left("busy")),
      ...pathNote("Not supported by the project's storage", left("unsupported")),
      ...pathNote(`The project's own versions were moved to ${kept}`, this.#kept.sort()),
    ];
  }
}

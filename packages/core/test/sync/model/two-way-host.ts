import { type Baseline, type BaselineEntry, EMPTY_BASELINE, patchMap } from "../../../src/domain/baseline.js";
import type { ConflictStrategy } from "../../../src/domain/conflict.js";
import type { SyncDirection, SyncOptions } from "../../../src/domain/sync-record.js";
import type { PlanInput } from "../../../src/sync/plan/compare.js";
import type { PreparedPlan } from "../../../src/sync/plan/make-plan.js";
import { blockingConflicts } from "../../../src/sync/plan/plan.js";
import { confirmedBase, journalOf, settleJournal, withConfirmed } from "../../../src/sync/plan/project-journal.js";
import type { LocalFile } from "../../../src/sync/project/read-project.js";
import { planWith, TARGET } from "../plan/planned-sync.js";
import { keyOf, type Rule, type Tree, type World } from "./two-way-world.js";

/** The options of one sync in the model. */
export interface SyncStep {
  readonly direction: SyncDirection;
  readonly strategy: Exclude<ConflictStrategy, "pull_request">;
  readonly onConflict: SyncOptions["onConflict"];
  readonly allowsRewrite: boolean;
  /** The step before which the process dies; `null` for none. */
  readonly crashAt: number | null;
}

class Crash extends Error {}

/** A host with its own project and its own store, which runs syncs step by step with the engine's pure functions. */
export class ModelHost {
  readonly #world: World;
  readonly #project: Tree;
  readonly #without: Rule | null;
  readonly #between: () => void;
  readonly #confirmed = new Set<string>();
  #baseline: Baseline = EMPTY_BASELINE;
  #head: number | null = null;
  #checked: number | null = null;
  #isIncomplete = false;
  #steps = 0;

  /** @param between people's edits between any two steps */
  constructor(world: World, index: number, without: Rule | null, between: () => void) {
    this.#world = world;
    this.#project = world.projects[index] ?? new Map();
    this.#without = without;
    this.#between = between;
  }

  /** Runs a sync. Returns what it left undone, or `null` when the process died. */
  async sync(step: SyncStep): Promise<"done" | "conflicts" | "refused" | null> {
    this.#steps = 0;
    try {
      return await this.#run(step);
    } catch (error) {
      if (error instanceof Crash) return null;
      throw error;
    }
  }

  async #run(step: SyncStep): Promise<"done" | "conflicts" | "refused"> {
    const tick = (): void => {
      if (this.#steps === step.crashAt) throw new Crash();
      this.#steps += 1;
      this.#between();
    };
    const local = this.#list();
    this.#baseline = this.#settled(local);
    const parent = this.#world.head;
    const isRewritten = this.#head !== null && !this.#world.hasInHistory(this.#head);
    if (step.direction !== "push" && isRewritten && !step.allowsRewrite) return "refused";
    tick();
    const prepared = await this.#plan(step, local, new Map(parent.tree), isRewritten);
    if (blockingConflicts(prepared.plan).length > 0) return "conflicts";
    tick();
    const committed =
      this.#without === "commit first" ? [this.#finish.bind(this), this.#commit.bind(this)] : [this.#commit.bind(this)];
    for (const act of committed) if (!(await act(prepared, parent, local, step, tick))) return "refused";
    if (this.#without !== "commit first") await this.#finish(prepared, parent, local, step, tick);
    return prepared.plan.conflicts.some(({ resolved }) => !resolved) ? "conflicts" : "done";
  }

  #list(): ReadonlyMap<string, LocalFile> {
    const files = [...this.#project].filter(([path]) => !this.#world.ignored.has(path));
    for (const [path, text] of files) {
      for (const ancestor of this.#world.ancestors(text)) this.#confirmed.add(keyOf([path, ancestor]));
    }
    return new Map(
      files.map(([path, text]) => {
        const oid = this.#world.oid(text);
        return [path, { path, mode: "100644", oid, size: text.length, versionTag: oid }];
      }),
    );
  }

  #settled(local: ReadonlyMap<string, LocalFile>): Baseline {
    const settled = settleJournal(this.#baseline, { files: local, only: null });
    if (this.#without !== "older base in doubt" || this.#baseline.journal === undefined) return settled;
    const all = Array.from(
      this.#baseline.journal.changes,
      ([path, change]) => [path, confirmedBase(change, null)] as const,
    );
    return withConfirmed(settled, new Map(all));
  }

  #plan(
    step: SyncStep,
    local: ReadonlyMap<string, LocalFile>,
    tree: Tree,
    isRewritten: boolean,
  ): Promise<PreparedPlan> {
    const { direction, strategy, onConflict } = step;
    const remote = new Map([...tree].map(([path, text]) => [path, { mode: "100644", oid: this.#world.oid(text) }]));
    const there = new Set([...remote.values()].map(({ oid }) => oid));
    const checks = this.#without !== "unpublished after a rewrite";
    const isGone = isRewritten || (this.#checked !== null && !this.#world.hasInHistory(this.#checked));
    this.#isIncomplete = isGone;
    const input: PlanInput = {
      ...{ target: TARGET, repository: "ada/infra", head: null, baseline: this.#baseline, local, remote },
      ...{ ignored: [], deleteIgnored: false, only: null, explicitPaths: new Set<string>() },
      ignoredPaths: this.#without === "ignored paths are left alone" ? new Set() : this.#world.ignored,
      ...{ strategy, onConflict, strategyFor: () => strategy },
      incoming:
        direction === "push"
          ? null
          : {
              ...{ direction, mayRemove: true, refusal: () => null, sizes: new Map() },
              isUnpublished: ({ unpublished, oid }) => unpublished === true || (checks && isGone && !there.has(oid)),
            },
    };
    return planWith(input, this.#world.blobs);
  }

  async #commit(
    { plan }: PreparedPlan,
    parent: World["head"],
    local: ReadonlyMap<string, LocalFile>,
  ): Promise<boolean> {
    if (plan.changes.length === 0) return true;
    if (this.#world.head !== parent) return false;
    const tree = new Map(parent.tree);
    for (const { path, oid, merged } of plan.changes) {
      if (oid === null) tree.delete(path);
      else tree.set(path, this.#world.text(oid));
      if (merged && oid !== null) this.#noteMerge(path, oid, parent, local);
    }
    this.#world.commit(tree, parent);
    return true;
  }

  async #finish(
    prepared: PreparedPlan,
    parent: World["head"],
    local: ReadonlyMap<string, LocalFile>,
    { direction }: SyncStep,
    tick: () => void,
  ): Promise<boolean> {
    tick();
    const journal = journalOf(prepared.incoming, local, { syncId: 1, operation: "1/1" });
    const early = this.#without === "base only after confirmation" ? (journal?.changes ?? new Map()) : new Map();
    const entries = new Map(prepared.change.entries);
    for (const [path, change] of early) entries.set(path, confirmedBase(change, null));
    const bases = this.#marked(patchMap(this.#baseline.entries, entries), direction, parent);
    this.#save({ entries: bases, ...(journal === undefined ? {} : { journal }) });
    const isPush = direction === "push";
    const isMoved = this.#head !== null && this.#head !== parent.number;
    if (!isPush) this.#checked = null;
    else if (isMoved) this.#checked = this.#head;
    this.#head = this.#world.head.number === parent.number ? parent.number : this.#world.head.number;
    for (const [path, { before, after, keep }] of [...(journal?.changes ?? [])].sort(
      ([, x], [, y]) => Number(x.after !== null) - Number(y.after !== null),
    )) {
      tick();
      const present = this.#project.get(path);
      const isExpected = (present === undefined ? null : this.#world.oid(present)) === (before?.oid ?? null);
      if (!isExpected && this.#without !== "conditional swap") continue;
      if (keep && present !== undefined && this.#without !== "versions in no history are kept") {
        this.#world.asides.add(keyOf([path, present]));
      }
      if (after === null) this.#project.delete(path);
      else {
        this.#noteMerge(path, after.oid, parent, local);
        this.#project.set(path, this.#world.text(after.oid));
      }
      tick();
    }
    const files = this.#list();
    this.#save(this.#settled(files));
    return true;
  }

  /** Marks the bases that a rewritten history may not contain, as a sync that changes the project does. */
  #marked(bases: Baseline["entries"], direction: SyncDirection, parent: World["head"]): Baseline["entries"] {
    const isMovedAgain = this.#checked !== null && this.#head !== null && this.#head !== parent.number;
    if (direction === "push" ? !isMovedAgain : !this.#isIncomplete) return bases;
    if (this.#without === "unpublished after a rewrite") return bases;
    const there = new Set([...parent.tree.values()].map((text) => this.#world.oid(text)));
    return new Map(
      Array.from(bases, ([path, base]) => [path, there.has(base.oid) ? base : { ...base, unpublished: true as const }]),
    );
  }

  /** A version that neither side had was made of both. */
  #noteMerge(path: string, oid: string, parent: World["head"], local: ReadonlyMap<string, LocalFile>): void {
    const mine = local.get(path);
    const theirs = parent.tree.get(path);
    const text = this.#world.text(oid);
    if (mine === undefined || theirs === undefined || text === theirs || mine.oid === oid) return;
    this.#world.merged(text, this.#world.text(mine.oid), theirs);
  }

  #save({ entries, journal }: Pick<Baseline, "entries" | "journal">): void {
    const { journal: _journal, ...rest } = this.#baseline;
    this.#baseline = { ...rest, entries, ...(journal === undefined ? {} : { journal }) };
  }

  /** Returns base entries that were never in the project, not even as a part of a merged version. */
  unconfirmed(): string[] {
    const key = ([path, { oid }]: [string, BaselineEntry]): string => keyOf([path, this.#world.text(oid)]);
    return [...this.#baseline.entries].map(key).filter((entry) => !this.#confirmed.has(entry));
  }
}

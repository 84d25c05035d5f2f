import { useEffect } from "preact/hooks";
import { count } from "../parts/format.js";
import { Icon } from "../parts/icon.js";
import { ErrorNote } from "../parts/notice.js";
import { addressOf, visit } from "../state/address.js";
import {
  conflicts,
  decisionOf,
  lastConflicts,
  openCount,
  selected,
  selectedPath,
  versions,
} from "../state/conflicts.js";
import { plan } from "../state/plan.js";
import { closeSync } from "../state/sync.js";
import { ConflictEditor } from "./conflict-editor.js";
import { ConflictSides } from "./conflict-sides.js";

const DECISIONS: Readonly<Record<string, string>> = {
  ours: "project",
  theirs: "branch",
  merged: "merged",
  content: "edited",
};

/** The files that both sides changed, with a decision for each. */
export function ConflictsView() {
  const path = selected.value?.file_path ?? null;
  useEffect(() => {
    versions.clear();
    if (path !== null) void versions.load();
  }, [path]);
  if (lastConflicts.error.value !== null) return <ErrorNote error={lastConflicts.error.value} />;
  if (conflicts.value.length === 0) return <NoConflict />;
  return (
    <div class="split is-conflicts">
      <h1 class="visually-hidden">Conflicts</h1>
      <section class="card conflict-list" aria-label="Files with conflicts">
        <h2>{openCount.value === 0 ? "All resolved" : `${count(openCount.value, "conflict")} open`}</h2>
        <ul>
          {conflicts.value.map((conflict) => (
            <li key={conflict.file_path}>
              <button
                type="button"
                class="quiet"
                aria-pressed={conflict.file_path === path}
                onClick={() => {
                  selectedPath.value = conflict.file_path;
                }}
              >
                <span class="mono">{conflict.file_path}</span>
                <Decided decision={decisionOf(conflict)} />
              </button>
            </li>
          ))}
        </ul>
        <button type="button" class={openCount.value === 0 ? "primary wide" : "wide"} onClick={previewAgain}>
          Preview the sync
        </button>
        <p class="hint">The next sync carries out your decisions. They expire when a side changes the file again.</p>
      </section>
      <section class="card panel" aria-label="Versions" aria-busy={versions.isLoading.value}>
        <Versions />
      </section>
    </div>
  );
}

function Versions() {
  const { data, error, load } = versions;
  if (error.value !== null) {
    return <ErrorNote error={error.value} retry={load} />;
  }
  const found = data.value;
  if (found === null) return <p class="empty">Loading the versions …</p>;
  const { conflict, base, ours, theirs } = found;
  return (
    <>
      <header class="panel-head">
        <h2 class="mono">{conflict.file_path}</h2>
        <p class="muted">{conflict.conflict_reason?.replaceAll("_", " ") ?? "Changed on both sides"}</p>
      </header>
      <ConflictSides base={base} ours={ours} theirs={theirs} />
      <ConflictEditor key={conflict.file_path} conflict={conflict} base={base} ours={ours} theirs={theirs} />
    </>
  );
}

function Decided({ decision }: { decision: string | null }) {
  if (decision === null) return <span class="badge is-open">open</span>;
  return (
    <span class="badge is-decided">
      <Icon name="check" size={12} />
      {DECISIONS[decision] ?? decision}
    </span>
  );
}

function NoConflict() {
  return (
    <section class="card">
      <div class="empty">
        <Icon name="check" size={36} />
        <h1>No conflicts</h1>
        <p>
          Files that the project and the branch changed in different ways appear here after a preview or a sync.{" "}
          <a href={addressOf("sync")}>Preview the changes</a>
        </p>
      </div>
    </section>
  );
}

function previewAgain(): void {
  closeSync();
  visit("sync");
  void plan.load();
}

import type { GitHubPlannedChange, GitHubSyncPlan } from "@infrajet/github-client";
import { ChangeList, type FileChange } from "../parts/change-list.js";
import { bytes } from "../parts/format.js";
import { Icon } from "../parts/icon.js";
import { ErrorNote } from "../parts/notice.js";
import { Stat } from "../parts/stat.js";
import { plan } from "../state/plan.js";
import { applyPlan, isStarting, startError } from "../state/sync.js";
import { message, repository, skipsConflicts } from "../state/target.js";
import { OverrideOffer } from "./override-offer.js";

/** The changes that a sync would make, before anything is written. */
export function PlanPanel() {
  const { data, error, isLoading } = plan;
  if (isLoading.value) return <p class="empty">Comparing the project with the branch …</p>;
  if (error.value !== null) {
    return (
      <ErrorNote error={error.value}>
        <OverrideOffer code={error.value.code} />
      </ErrorNote>
    );
  }
  if (data.value === null) return <NoPlan />;
  return <PlanDetails plan={data.value.plan} />;
}

function NoPlan() {
  return (
    <div class="empty">
      <Icon name="both" size={36} />
      <h2>{repository.value === "" ? "Choose a repository" : "See the changes first"}</h2>
      <p>
        The preview lists every file that a sync would add, update or delete, on both sides. Nothing is written before
        you approve it.
      </p>
    </div>
  );
}

function PlanDetails({ plan: { ...found } }: { plan: GitHubSyncPlan }) {
  const { changes, project_changes: pulled, conflicts, remote_only_changes: remote, secrets, ignored } = found;
  const isStopped = secrets.length > 0 || (conflicts.some(isOpen) && !skipsConflicts.value);
  const isEmpty = changes.length + pulled.length + conflicts.length === 0;
  return (
    <>
      <header class="panel-head">
        <h2>{isEmpty ? "Everything is in sync" : "Planned changes"}</h2>
        <p class="muted mono">
          {found.repository_full_name}@{found.branch}
        </p>
      </header>
      <PlanCounts plan={found} />
      {startError.value !== null && (
        <ErrorNote error={startError.value}>
          <OverrideOffer code={startError.value.code} />
        </ErrorNote>
      )}
      <div class="lists">
        <ChangeList title="Conflicts" changes={conflicts.map(toConflict)} />
        <ChangeList title="Secrets found" changes={secrets.map(toSecret)} />
        <ChangeList title="To the branch" changes={changes.map(toChange)} />
        <ChangeList title="To the project" changes={pulled.map(toChange)} />
        {found.direction === "push" && (
          <ChangeList title="Changed on the branch, kept there" changes={remote.map(toRemote)} />
        )}
        {ignored.length > 0 && (
          <details class="more">
            <summary>Ignored files ({ignored.length})</summary>
            <ChangeList title="Ignored" changes={ignored.map((path) => ({ path, kind: "note" as const }))} />
          </details>
        )}
      </div>
      {!isEmpty && <ApplyBar isStopped={isStopped} />}
    </>
  );
}

function PlanCounts({ plan: { changes, project_changes: pulled, conflicts } }: { plan: GitHubSyncPlan }) {
  const all = [...changes, ...pulled];
  const of = (action: GitHubPlannedChange["action"]): number => all.filter((change) => change.action === action).length;
  return (
    <dl class="stats">
      <Stat label="to add" tone="add">
        {of("add")}
      </Stat>
      <Stat label="to update" tone="update">
        {of("update")}
      </Stat>
      <Stat label="to delete" tone="delete">
        {of("delete")}
      </Stat>
      <Stat label="conflicts" tone={conflicts.some(isOpen) ? "conflict" : "none"}>
        {conflicts.filter(isOpen).length}
      </Stat>
    </dl>
  );
}

function ApplyBar({ isStopped }: { isStopped: boolean }) {
  const apply = (): void => {
    const found = plan.data.value;
    if (found === null) return;
    const text = message.value === "" ? {} : { commit_message: message.value };
    void applyPlan({ ...found.request, ...text }, found.plan.plan_hash);
  };
  return (
    <footer class="apply">
      <p class="muted">
        {isStopped
          ? "This sync would stop and write nothing. Resolve the conflicts, or choose another strategy."
          : "The sync writes exactly this plan. If either side changes before, it stops."}
      </p>
      <button type="button" class="primary" disabled={isStarting.value || isStopped} onClick={apply}>
        {isStarting.value ? "Starting …" : "Sync now"}
      </button>
    </footer>
  );
}

/** True for a conflict that no strategy resolves. */
const isOpen = (conflict: GitHubSyncPlan["conflicts"][number]): boolean => conflict.has_conflict;

function toChange({ file_path: path, action: kind, size, merged }: GitHubPlannedChange): FileChange {
  const note = [...(merged ? ["merged"] : []), ...(kind === "delete" ? [] : [bytes(size)])].join(" · ");
  return { path, kind, note };
}

function toConflict({
  file_path: path,
  has_conflict: hasConflict,
  conflict_reason: reason,
  resolution_strategy: how,
}: GitHubSyncPlan["conflicts"][number]): FileChange {
  const note = hasConflict ? (reason ?? "changed on both sides") : `resolved: ${how ?? "merge"}`;
  return { path, kind: "conflict", note };
}

function toSecret({ file_path: path, rule, line }: GitHubSyncPlan["secrets"][number]): FileChange {
  return { path, kind: "conflict", note: `${rule}, line ${line}` };
}

const REMOTE_KINDS = { added: "add", updated: "update", deleted: "delete" } as const;

function toRemote({ file_path: path, change }: GitHubSyncPlan["remote_only_changes"][number]): FileChange {
  return { path, kind: REMOTE_KINDS[change] };
}

import type { GitHubPlannedChange, GitHubSyncPlan } from "@infrajet/github-client";
import { ChangeList, type FileChange } from "../parts/change-list.js";
import { bytes, count } from "../parts/format.js";
import { Icon } from "../parts/icon.js";
import { ErrorNote } from "../parts/notice.js";
import { Stat } from "../parts/stat.js";
import { addressOf } from "../state/address.js";
import { isOpenIn, openCount } from "../state/conflicts.js";
import { type FoundPlan, plan } from "../state/plan.js";
import { applyPlan, isStarting, startError } from "../state/sync.js";
import { allowedSecrets, message, repository, skipsConflicts } from "../state/target.js";
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
  if (data.value === null) {
    return (
      <>
        {startError.value !== null && <ErrorNote error={startError.value} />}
        {isStarting.value ? <p class="empty">Starting the sync …</p> : <NoPlan />}
      </>
    );
  }
  return <PlanDetails found={data.value} />;
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

function PlanDetails({ found }: { found: FoundPlan }) {
  const { plan: planned } = found;
  const { changes, project_changes: pulled, conflicts, remote_only_changes: remote, secrets, ignored } = planned;
  const open = conflicts.filter((conflict) => isOpenIn(found, conflict)).length;
  const isStopped = secrets.length > 0 || (open > 0 && planned.writer === null && !skipsConflicts.value);
  const isEmpty = changes.length + pulled.length + conflicts.length === 0;
  return (
    <>
      <header class="panel-head">
        <h2>{isEmpty ? "Everything is in sync" : "Planned changes"}</h2>
        <p class="muted mono">
          {planned.repository_full_name}@{planned.branch}
        </p>
      </header>
      <PlanCounts plan={planned} open={open} />
      {startError.value !== null && (
        <ErrorNote error={startError.value}>
          <OverrideOffer code={startError.value.code} />
        </ErrorNote>
      )}
      <div class="lists">
        <ChangeList
          title="Changed on both sides"
          changes={conflicts.map((conflict) => toConflict(conflict, isOpenIn(found, conflict)))}
        />
        <ChangeList title="Secrets found" changes={secrets.map(toSecret)} />
        {secrets.length > 0 && <SecretsOffer paths={secrets.map(({ file_path: path }) => path)} />}
        <ChangeList title="To the branch" changes={changes.map(toChange)} />
        <ChangeList title="To the project" changes={pulled.map(toChange)} />
        {planned.direction === "push" && (
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

/** Offers to sync files in which the host found what looks like a secret. */
function SecretsOffer({ paths }: { paths: readonly string[] }) {
  const allow = (): void => {
    allowedSecrets.value = [...new Set([...allowedSecrets.value, ...paths])];
    void plan.load();
  };
  return (
    <div class="notice is-bad">
      <Icon name="alert" />
      <div>
        <p>Nothing is sent while these files may hold secrets. Remove the secrets, or allow the files for this sync.</p>
        <button type="button" onClick={allow}>
          These are not secrets
        </button>
      </div>
    </div>
  );
}

function PlanCounts({ plan: { changes, project_changes: pulled }, open }: { plan: GitHubSyncPlan; open: number }) {
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
      <Stat label="conflicts" tone="conflict">
        {open}
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
      {openCount.value > 0 && (
        <a class="button" href={addressOf("conflicts")}>
          Resolve {count(openCount.value, "conflict")}
        </a>
      )}
      <button type="button" class="primary" disabled={isStarting.value || isStopped} onClick={apply}>
        {isStarting.value ? "Starting …" : "Sync now"}
      </button>
    </footer>
  );
}

function toChange({ file_path: path, action: kind, size, merged }: GitHubPlannedChange): FileChange {
  const note = [...(merged ? ["merged"] : []), ...(kind === "delete" ? [] : [bytes(size)])].join(" · ");
  return { path, kind, note };
}

function toConflict(
  { file_path: path, conflict_reason: reason, resolution_strategy: how }: GitHubSyncPlan["conflicts"][number],
  isOpen: boolean,
): FileChange {
  const cause = reason?.replaceAll("_", " ") ?? "changed on both sides";
  return {
    path,
    kind: isOpen ? "conflict" : "update",
    note: isOpen ? cause : `${cause} · ${RESOLUTIONS[how ?? ""] ?? how}`,
  };
}

const RESOLUTIONS: Readonly<Record<string, string>> = {
  merge: "merged",
  keep_change: "the change is kept",
  ours: "project's version",
  theirs: "branch's version",
  pull_request: "in the pull request",
  content: "your text",
};

function toSecret({ file_path: path, rule, line }: GitHubSyncPlan["secrets"][number]): FileChange {
  return { path, kind: "conflict", note: `${rule}, line ${line}` };
}

const REMOTE_KINDS = { added: "add", updated: "update", deleted: "delete" } as const;

function toRemote({ file_path: path, change }: GitHubSyncPlan["remote_only_changes"][number]): FileChange {
  return { path, kind: REMOTE_KINDS[change] };
}

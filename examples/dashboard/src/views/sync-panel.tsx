import type { GitHubSyncResponse, GitHubSyncStatusUpdate } from "@infrajet/github-client";
import { ChangeList } from "../parts/change-list.js";
import { count } from "../parts/format.js";
import { Icon } from "../parts/icon.js";
import { Stat } from "../parts/stat.js";
import { addressOf } from "../state/address.js";
import { plan } from "../state/plan.js";
import { type CurrentSync, cancel, closeSync, current, isCancelling, retry } from "../state/sync.js";
import { OverrideOffer } from "./override-offer.js";

const PHASES: Readonly<Record<GitHubSyncStatusUpdate["phase"], string>> = {
  waiting: "Waiting for its turn",
  reading: "Reading the project",
  comparing: "Comparing both sides",
  writing: "Writing the commit",
  pulling: "Updating the project",
  finished: "Finishing",
};

/** The running sync, or the result of the last one. */
export function SyncPanel() {
  const sync = current.value;
  if (sync === null) return null;
  return sync.result === null ? <Running sync={sync} /> : <Ended target={sync.target} result={sync.result} />;
}

function Running({ sync: { target, progress } }: { sync: CurrentSync }) {
  const percentage = Math.round(progress?.progress_percentage ?? 0);
  return (
    <div class="running">
      <header class="panel-head">
        <h2>Syncing</h2>
        <p class="muted mono">{target}</p>
      </header>
      <p class="percentage" aria-hidden="true">
        {percentage}
        <span>%</span>
      </p>
      <progress max={100} value={percentage} aria-label="Progress of the sync" />
      <p class="phase">
        <span>{PHASES[progress?.phase ?? "waiting"]}</span>
        {progress !== null && progress.total_files > 0 && (
          <span class="muted">
            {progress.files_completed} of {count(progress.total_files, "file")}
          </span>
        )}
      </p>
      <p class="mono muted current-file">{progress?.current_file ?? "\u00a0"}</p>
      <button type="button" disabled={isCancelling.value} onClick={cancel}>
        {isCancelling.value ? "Cancelling …" : "Cancel"}
      </button>
    </div>
  );
}

const TITLES: Readonly<Record<string, string>> = { completed: "Synced", failed: "Not synced", cancelled: "Cancelled" };

function Ended({ target, result }: { target: string; result: GitHubSyncResponse }) {
  const isDone = result.status === "completed";
  const { commit_url: commit, pull_request_url: pullRequest, notes } = result;
  const open = isDone ? [] : result.conflicts;
  const previewAgain = (): void => {
    closeSync();
    void plan.load();
  };
  return (
    <div class={`ended is-${result.status}`}>
      <header class="panel-head">
        <h2>
          <Icon name={isDone ? "check" : "alert"} size={22} /> {TITLES[result.status] ?? result.status}
        </h2>
        <p class="muted mono">{target}</p>
      </header>
      {result.error_message !== null && <p role="alert">{result.error_message}</p>}
      {isDone && <ResultCounts result={result} />}
      <p class="actions">
        {pullRequest !== null && (
          <a class="button" href={pullRequest}>
            Open the pull request <Icon name="external" />
          </a>
        )}
        {isDone && commit !== null && (
          <a class="button" href={commit}>
            Open the commit <Icon name="external" />
          </a>
        )}
        {open.length > 0 && (
          <a class="button" href={addressOf("conflicts")}>
            Resolve {count(open.length, "conflict")}
          </a>
        )}
        {!isDone && (
          <button type="button" onClick={() => retry(Number(result.sync_id))}>
            <Icon name="retry" /> Retry
          </button>
        )}
        <OverrideOffer code={result.error_code} />
        <button type="button" onClick={previewAgain}>
          Preview again
        </button>
      </p>
      <div class="lists">
        <ChangeList
          title="Conflicts"
          changes={open.map((conflict) => ({
            path: conflict.file_path,
            kind: "conflict" as const,
            note: conflict.conflict_reason?.replaceAll("_", " "),
          }))}
        />
        {notes.length > 0 && (
          <section class="changes">
            <h3>Notes</h3>
            <ul class="notes">
              {notes.map((note) => (
                <li key={note}>{note}</li>
              ))}
            </ul>
          </section>
        )}
      </div>
    </div>
  );
}

function ResultCounts({ result }: { result: GitHubSyncResponse }) {
  return (
    <dl class="stats">
      <Stat label="written to the branch" tone="add">
        {result.files_synced}
      </Stat>
      <Stat label="deleted on the branch" tone="delete">
        {result.files_deleted}
      </Stat>
      {result.direction !== "push" && (
        <Stat label="written to the project" tone="update">
          {result.files_pulled}
        </Stat>
      )}
      {result.direction !== "push" && (
        <Stat label="removed from the project" tone="delete">
          {result.files_removed}
        </Stat>
      )}
    </dl>
  );
}

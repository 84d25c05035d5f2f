import type { GitHubSyncRecord } from "@infrajet/github-client";
import { ago, count, duration, fullTime, shortSha } from "../parts/format.js";
import { Icon, type IconName } from "../parts/icon.js";
import { ErrorNote } from "../parts/notice.js";
import { addressOf, visit } from "../state/address.js";
import { history, nextCursor, olderRecords, records } from "../state/history.js";
import { commitPage } from "../state/repositories.js";
import { retry, revert } from "../state/sync.js";

const ICONS: Readonly<Record<GitHubSyncRecord["sync_status"], IconName>> = {
  pending: "clock",
  in_progress: "pulse",
  completed: "check",
  failed: "alert",
  cancelled: "close",
};
const DIRECTIONS = { push: "Push", pull: "Pull", two_way: "Two-way" } as const;

/** The project's syncs, newest first. */
export function HistoryView() {
  const { data, error, load } = history;
  return (
    <section class="card page">
      <header class="page-head">
        <h1>History</h1>
        {data.value !== null && <span class="muted">{count(data.value.total_syncs, "sync", "syncs")}</span>}
      </header>
      {error.value !== null && <ErrorNote error={error.value} retry={load} />}
      {data.value !== null && records.value.length === 0 && (
        <div class="empty">
          <Icon name="clock" size={36} />
          <h2>No sync yet</h2>
          <p>
            Every sync of this project appears here, with its commit.{" "}
            <a href={addressOf("sync")}>Start the first one</a>
          </p>
        </div>
      )}
      <ol class="records">
        {records.value.map((record) => (
          <RecordRow key={record.id} record={record} />
        ))}
      </ol>
      {nextCursor.value !== null && (
        <button type="button" disabled={olderRecords.isLoading.value} onClick={olderRecords.load}>
          {olderRecords.isLoading.value ? "Loading …" : "Show older syncs"}
        </button>
      )}
    </section>
  );
}

function RecordRow({ record }: { record: GitHubSyncRecord }) {
  const { sync_status: status, created_at: time, notes, sync_errors: error } = record;
  // Only a sync that wrote a commit to the branch can be taken back.
  const isRevertible = status === "completed" && record.files_synced + record.files_deleted > 0;
  const isRetryable = status === "failed" || status === "cancelled";
  return (
    <li class={`record is-${status}`}>
      <span class="badge">
        <Icon name={ICONS[status]} />
        {status.replace("_", " ")}
      </span>
      <div class="record-body">
        <p class="record-title">
          {DIRECTIONS[record.direction]} <span class="mono">{record.github_repository}</span>
          <span class="muted mono">@{record.branch}</span>
        </p>
        <p class="muted">
          <time dateTime={time} title={fullTime(time)}>
            {ago(time)}
          </time>
          {summaryOf(record).map((text) => ` · ${text}`)}
        </p>
        {error !== null && <p class="record-error">{error}</p>}
        {notes.length > 0 && (
          <details class="more">
            <summary>{count(notes.length, "note")}</summary>
            <ul class="notes">
              {notes.map((note) => (
                <li key={note}>{note}</li>
              ))}
            </ul>
          </details>
        )}
      </div>
      <div class="record-actions">
        <CommitLink record={record} />
        {isRevertible && (
          <button
            type="button"
            onClick={() => {
              visit("sync");
              void revert(record.id);
            }}
          >
            <Icon name="undo" /> Undo
          </button>
        )}
        {isRetryable && (
          <button
            type="button"
            onClick={() => {
              visit("sync");
              void retry(record.id);
            }}
          >
            <Icon name="retry" /> Retry
          </button>
        )}
      </div>
    </li>
  );
}

function CommitLink({ record: { github_repository: repository, last_commit_sha: sha } }: { record: GitHubSyncRecord }) {
  if (sha === null) return null;
  const page = commitPage(repository, sha);
  if (page === null) return <code>{shortSha(sha)}</code>;
  return (
    <a class="mono" href={page} aria-label={`Commit ${shortSha(sha)}`}>
      {shortSha(sha)} <Icon name="external" size={13} />
    </a>
  );
}

function summaryOf(record: GitHubSyncRecord): readonly string[] {
  const { files_synced: written, files_deleted: deleted, files_pulled: pulled, files_removed: removed } = record;
  return [
    ...(written > 0 ? [`${count(written, "file")} written`] : []),
    ...(deleted > 0 ? [`${count(deleted, "file")} deleted`] : []),
    ...(pulled > 0 ? [`${count(pulled, "file")} pulled`] : []),
    ...(removed > 0 ? [`${count(removed, "file")} removed`] : []),
    ...(record.conflicts_resolved > 0 ? [`${count(record.conflicts_resolved, "conflict")} resolved`] : []),
    ...(record.retry_count > 0 ? [`retried ${count(record.retry_count, "time")}`] : []),
    ...(record.duration_seconds === null ? [] : [duration(record.duration_seconds)]),
  ];
}

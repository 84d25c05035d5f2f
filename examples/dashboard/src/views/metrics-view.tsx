import type { GitHubSyncMetrics, GitHubSyncRecord } from "@infrajet/github-client";
import { useEffect } from "preact/hooks";
import { BarChart } from "../parts/bar-chart.js";
import { ago, count, duration } from "../parts/format.js";
import { Icon } from "../parts/icon.js";
import { ErrorNote } from "../parts/notice.js";
import { Stat } from "../parts/stat.js";
import { history, records } from "../state/history.js";
import { metrics } from "../state/metrics.js";

const MOST_BARS = 30;

/** The user's totals, and charts of the project's latest syncs. */
export function MetricsView() {
  const { data, error, load } = metrics;
  // A sync that ends while the page is open changes the totals.
  const latest = history.data.value;
  useEffect(() => {
    void load();
  }, [latest]);
  return (
    <section class="card page">
      <header class="page-head">
        <h1>Metrics</h1>
      </header>
      {error.value !== null && <ErrorNote error={error.value} retry={load} />}
      {data.value !== null && <Totals metrics={data.value} />}
      <Charts />
    </section>
  );
}

function Totals({ metrics: found }: { metrics: GitHubSyncMetrics }) {
  const { total_syncs: total, successful_syncs: good, failed_syncs: bad, average_sync_duration: average } = found;
  const other = total - good - bad;
  return (
    <>
      <h2>All your projects</h2>
      <dl class="stats">
        <Stat label={total === 1 ? "sync" : "syncs"}>{total}</Stat>
        <Stat label="files synced" tone="add">
          {found.total_files_synced}
        </Stat>
        <Stat label="conflicts resolved" tone="update">
          {found.total_conflicts_resolved}
        </Stat>
        <Stat label="repositories">{found.connected_repositories}</Stat>
        <Stat label="average duration">{average === null ? "–" : duration(average)}</Stat>
      </dl>
      {total > 0 && (
        <figure class="ratio">
          <figcaption>
            <strong>{Math.round((good / total) * 100)} %</strong> completed
            {found.last_sync_at !== null && <span class="muted">, last sync {ago(found.last_sync_at)}</span>}
          </figcaption>
          <div class="ratio-bar" aria-hidden="true">
            {good > 0 && <span class="is-good" style={{ flexGrow: good }} />}
            {bad > 0 && <span class="is-bad" style={{ flexGrow: bad }} />}
            {other > 0 && <span class="is-plain" style={{ flexGrow: other }} />}
          </div>
          <p class="legend">
            <span class="is-good">{count(good, "completed", "completed")}</span>
            <span class="is-bad">{count(bad, "failed", "failed")}</span>
            {other > 0 && <span class="is-plain">{count(other, "other", "other")}</span>}
          </p>
        </figure>
      )}
    </>
  );
}

function Charts() {
  const shown = records.value.slice(0, MOST_BARS).reverse();
  if (shown.length === 0) {
    return (
      <div class="empty">
        <Icon name="spark" size={36} />
        <h2>No sync of this project yet</h2>
        <p>Charts of the latest syncs appear here.</p>
      </div>
    );
  }
  return (
    <>
      <h2>Latest syncs of this project</h2>
      <div class="charts">
        <BarChart
          title="Files changed per sync"
          bars={shown.map((record) => {
            const files = filesOf(record);
            return {
              key: record.id,
              value: files,
              tone: toneOf(record),
              text: `${count(files, "file")}, ${ago(record.created_at)}`,
            };
          })}
        />
        <BarChart
          title="Duration of each sync"
          bars={shown.map((record) => {
            const seconds = record.duration_seconds ?? 0;
            return {
              key: record.id,
              value: seconds,
              tone: toneOf(record),
              text: `${duration(seconds)}, ${ago(record.created_at)}`,
            };
          })}
        />
      </div>
    </>
  );
}

function filesOf(record: GitHubSyncRecord): number {
  return record.files_synced + record.files_deleted + record.files_pulled + record.files_removed;
}

function toneOf({ sync_status: status }: GitHubSyncRecord): "good" | "bad" | "plain" {
  if (status === "completed") return "good";
  return status === "failed" ? "bad" : "plain";
}

import type { SyncRecord } from "@infrajet/github/adapters";
import { toFlagText } from "./flag-text.js";
import type { Requests } from "./response.js";

/** Formats the result of a sync for the terminal. */
export function formatRecord(record: SyncRecord, requests: Requests): string {
  const lines = [headline(record), ...conflictLines(record), ...record.notes.map((note) => `  note: ${note}`)];
  if (record.commitUrl !== null) lines.push(`  commit: ${record.commitUrl}`);
  if (record.pullRequestUrl !== null) lines.push(`  pull request: ${record.pullRequestUrl}`);
  lines.push(formatRequests(requests));
  return lines.join("\n");
}

/** Formats the cost: `  3 GitHub requests, 1 file read`. */
export function formatRequests({ github, source_reads }: Requests): string {
  return `  ${counted(github, "GitHub request")}, ${counted(source_reads, "file")} read`;
}

function headline(record: SyncRecord): string {
  const { status, error, writer, filesSynced, filesDeleted, commitId, filesPulled, filesRemoved } = record;
  if (status === "cancelled") return "Cancelled: nothing was written.";
  if (status !== "completed") return `Failed: ${error === null ? "the reason is unknown." : toFlagText(error)}`;
  const removed = filesRemoved === 0 ? "" : `, ${counted(filesRemoved, "file")} removed`;
  const pulled = filesPulled + filesRemoved === 0 ? "" : `${counted(filesPulled, "file")} pulled${removed}`;
  if (writer === null) {
    const at = `at ${shortId(commitId)}`;
    return pulled === "" ? `Nothing to write: the branch is up to date (${at}).` : `Completed: ${pulled} (${at}).`;
  }
  const deleted = filesDeleted === 0 ? "" : `, ${counted(filesDeleted, "file")} deleted`;
  const committed = `${counted(filesSynced, "file")} written${deleted}, in one commit (writer ${writer})`;
  return `Completed: ${committed}${pulled === "" ? "" : `; ${pulled}`}.`;
}

function conflictLines({ conflicts }: SyncRecord): string[] {
  return conflicts.map(({ path, reason, resolved, resolution }) => {
    const outcome = resolved ? `resolved by ${resolution}` : `unresolved: use the strategy ${choices(resolution)}`;
    return `  conflict: ${path}, ${reason.replaceAll("_", " ")}, ${outcome}`;
  });
}

function choices(resolution: SyncRecord["conflicts"][number]["resolution"]): string {
  if (resolution === "merge" || resolution === "keep_change") return "merge";
  return "ours, theirs or pull_request";
}

function shortId(commitId: string | null): string {
  return commitId === null ? "no commit yet" : commitId.slice(0, 7);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

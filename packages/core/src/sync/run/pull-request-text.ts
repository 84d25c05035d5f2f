import type { SyncAttempt, SyncRecord } from "../../domain/sync-record.js";
import type { SyncPlan } from "../plan/plan.js";
import { toSyncUrl } from "./sync-url.js";

/** The sync that opens a pull request. */
export interface PullRequestContext {
  readonly record: SyncRecord;
  readonly attempt: Pick<SyncAttempt, "filesSynced" | "filesDeleted">;
  /** `null` for a commit of an earlier run, whose plan is no longer known. */
  readonly plan: Pick<SyncPlan, "changes"> | null;
  /** The address of the sync at the host, with placeholders; `null` for no link. */
  readonly syncUrl: string | null;
}

const MAX_TITLE_LENGTH = 256;
// A body may have 65,536 characters, and a path 4,096 bytes.
const MAX_LISTED = 15;

/** Returns the title of a pull request: the option, or the first line of the commit message. */
export function pullRequestTitle({ options, projectId }: SyncRecord): string {
  const title = options.pullRequest.title ?? options.message?.split("\n", 1)[0] ?? `Sync ${projectId}`;
  const characters = [...title.replaceAll(/\p{Cc}/gu, " ")];
  return characters.length <= MAX_TITLE_LENGTH
    ? characters.join("")
    : `${characters.slice(0, MAX_TITLE_LENGTH - 1).join("")}…`;
}

/** Returns the body of a pull request: the option, or a summary of the sync with its conflicts and the host's link. */
export function pullRequestBody(context: PullRequestContext): string {
  const { record, syncUrl } = context;
  if (record.options.pullRequest.body !== null) return record.options.pullRequest.body;
  const lines = [`Sync ${record.id} of the project ${code(record.projectId)}.`, "", countOf(context)];
  lines.push(...conflictLines(record));
  if (syncUrl !== null) lines.push("", `[Open the sync](<${toSyncUrl(syncUrl, record)}>)`);
  return `${lines.join("\n")}\n`;
}

function countOf({ attempt, plan }: PullRequestContext): string {
  if (plan === null) return `Wrote ${attempt.filesSynced} and deleted ${attempt.filesDeleted} files.`;
  const count = (action: string): number => plan.changes.filter((change) => change.action === action).length;
  return `Added ${count("add")}, updated ${count("update")} and deleted ${count("delete")} files.`;
}

function conflictLines({ conflicts }: SyncRecord): string[] {
  const lines: string[] = [];
  const list = (heading: string, paths: readonly string[]): void => {
    if (paths.length === 0) return;
    lines.push("", heading, "", ...paths.slice(0, MAX_LISTED).map((path) => `- ${code(path)}`));
    if (paths.length > MAX_LISTED) lines.push(`- and ${paths.length - MAX_LISTED} more`);
  };
  const proposed = conflicts.filter(({ resolution }) => resolution === "pull_request");
  const others = conflicts.filter(({ resolution }) => resolution !== "pull_request");
  list(
    "These files changed on both sides. This pull request proposes the project's version:",
    proposed.map(({ path }) => path),
  );
  list(
    "These files changed on both sides and were resolved by the strategy of the sync:",
    others.map(({ path, resolution }) => `${path} (${resolution})`),
  );
  return lines;
}

function code(text: string): string {
  return `\`${text.replaceAll("`", "'").replaceAll(/\p{Cc}/gu, " ")}\``;
}

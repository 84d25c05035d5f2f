import { posix } from "node:path";
import pMap from "p-map";
import type { ProjectTraits } from "../../adapters/project-files.js";
import type { Baseline } from "../../domain/baseline.js";
import type { ObjectId, RemoteEntry, SyncTarget } from "../../domain/repository.js";
import type { SyncDirection, SyncOptions } from "../../domain/sync-record.js";
import { GitHubSdkError } from "../../errors.js";
import { isFileMode, normalizeMode } from "../../git/file-mode.js";
import { checkPath, parentPath } from "../../git/path.js";
import type { GitHubClient } from "../../github/github-client.js";
import { readBlobSizes } from "../../repository/blob-sizes.js";
import { readBlob } from "../../repository/branch-reader.js";
import { findInHistory } from "../../repository/comparison.js";
import { type ComparedProject, compareVersions } from "./compare.js";
import type { IncomingRules } from "./incoming-rules.js";
import { isDirectoryGone, type RemoteBranch } from "./remote-branch.js";

/** The project's side of a sync that changes the project. */
export interface IncomingSide {
  readonly direction: Exclude<SyncDirection, "push">;
  readonly traits: ProjectTraits;
}

/** `unchecked` for the direction `push`, which does not compare the histories. */
export type HistoryChange = "grown" | "rewritten" | "unchecked";

/** Both sides of a sync, as far as changes of the project depend on them. */
interface IncomingQuery {
  readonly client: GitHubClient;
  readonly target: SyncTarget;
  readonly options: SyncOptions;
  readonly baseline: Baseline;
  readonly remote: RemoteBranch;
  readonly project: IncomingSide | null;
  readonly signal: AbortSignal;
}

const LINKS_AT_ONCE = 4;
// The longest target of a symbolic link on Linux.
const MAX_LINK_BYTES = 4_096;

/**
 * Checks that the branch may change the project, and returns the rules for it; `null` for the direction `push`.
 *
 * @throws GitHubSdkError `branch_not_found`, `remote_history_rewritten`
 */
export async function readIncoming(query: IncomingQuery): Promise<Incoming | null> {
  const { project, remote, target } = query;
  if (project === null) return null;
  if (remote.view.head === null && project.direction === "pull") {
    throw new GitHubSdkError(
      "branch_not_found",
      `${remote.view.repository.fullName} has no branch "${target.branch}" to pull from.`,
    );
  }
  return new Incoming(query, project, await compareHistory(query));
}

/** The rules by which the branch changes the project, with what they need to know of the branch's files. */
class Incoming {
  readonly rules: IncomingRules;
  readonly historyChange: HistoryChange;
  readonly #query: IncomingQuery;
  readonly #sizes = new Map<ObjectId, number>();
  readonly #refusals = new Map<string, string>();

  constructor(query: IncomingQuery, { direction, traits }: IncomingSide, history: History) {
    const { remote, target } = query;
    this.#query = query;
    this.historyChange = history.isComplete ? "grown" : "rewritten";
    const there = new Set(Array.from(remote.entries.values(), ({ oid }) => oid));
    this.rules = {
      direction,
      mayRemove: remote.view.head !== null && !isDirectoryGone(remote, target.directory),
      refusal: (path, entry) => this.#refusals.get(path) ?? refusalOf(path, entry, traits),
      isUnpublished: (base) => base.unpublished === true || (!history.isComplete && !there.has(base.oid)),
      sizes: this.#sizes,
    };
  }

  /** Reads the sizes of the files that may be pulled, and the targets of symbolic links. */
  async describe({ versions }: ComparedProject): Promise<void> {
    const { client, remote, signal } = this.#query;
    const { fullName } = remote.view.repository;
    const arriving = [...versions].flatMap(([path, sides]) => {
      const { kind } = compareVersions(sides);
      const isArriving = kind === "foreign" || kind === "keep_remote" || kind === "conflict";
      return isArriving && sides.remote !== null && isFile(sides.remote) ? [[path, sides.remote] as const] : [];
    });
    const sizes = await readBlobSizes(client, fullName, new Set(arriving.map(([, { oid }]) => oid)), signal);
    for (const [oid, size] of sizes) this.#sizes.set(oid, size);
    const links = arriving.filter(([, { mode }]) => mode === "120000");
    await pMap(links, ([path, { oid }]) => this.#checkLink(path, oid), { concurrency: LINKS_AT_ONCE, signal });
  }

  async #checkLink(path: string, oid: ObjectId): Promise<void> {
    const { client, remote, signal } = this.#query;
    const isLong = (this.#sizes.get(oid) ?? 0) > MAX_LINK_BYTES;
    const bytes = isLong ? null : await readBlob(client, remote.view.repository.fullName, oid, signal);
    const to = bytes === null ? null : Buffer.from(bytes).toString("utf8");
    if (to === null || leadsOut(path, to)) {
      this.#refusals.set(path, "a symbolic link that leads out of the project");
    }
  }
}

function refusalOf(path: string, { mode }: RemoteEntry, traits: ProjectTraits): string | null {
  if (mode === "120000" && !traits.links) return "a symbolic link";
  const normalized = normalizeMode(mode);
  const problem = checkPath(path, normalized !== null && isFileMode(normalized) ? normalized : undefined);
  return problem === null ? traits.refuses(path) : `a path that ${problem.message}`;
}

function isFile({ mode }: RemoteEntry): boolean {
  const normalized = normalizeMode(mode);
  return normalized !== null && isFileMode(normalized);
}

function leadsOut(path: string, to: string): boolean {
  if (to === "" || to.includes("\0") || to.startsWith("/") || to.includes("\\") || /^[A-Za-z]:/.test(to)) return true;
  const resolved = posix.normalize(posix.join(parentPath(path), to));
  return resolved === ".." || resolved.startsWith("../");
}

/** The result of comparing the branch's history with that of earlier syncs. */
interface History {
  /** True when the history contains every version that was a base. */
  readonly isComplete: boolean;
}

async function compareHistory({ client, baseline, remote, options, signal }: IncomingQuery): Promise<History> {
  const { head, repository, branch } = remote.view;
  if (head === null) return { isComplete: false };
  const contains = async (commit: ObjectId): Promise<boolean> =>
    commit === head ||
    (await findInHistory({ client, repository: repository.fullName, base: commit, head, signal })) !== null;
  const known = baseline.head ?? baseline.checkedHead ?? null;
  const isRewritten = known !== null && !(await contains(known));
  if (isRewritten && !options.allowRewrittenHistory) {
    throw new GitHubSdkError(
      "remote_history_rewritten",
      `The history of "${branch}" was rewritten since the last sync, as by a force-push: it no longer contains ${known}. To take its files nevertheless, set \`allowRewrittenHistory\`.`,
      { details: { commit: known } },
    );
  }
  const checked = baseline.checkedHead ?? known;
  const isComplete = !isRewritten && (checked === null || checked === known || (await contains(checked)));
  return { isComplete };
}

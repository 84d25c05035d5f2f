import * as z from "zod";
import { isGitHubSdkError } from "../errors.js";
import type { GitHubClient } from "../github/github-client.js";
import { parseResponse } from "../github/parse-response.js";
import { repositoryParameters } from "../github/repository-name.js";
import { readHead } from "../repository/branch-reader.js";
import { RecentValues } from "../timing/recent-values.js";
import type { SyncedBranch, WebhookApp, WebhookServices } from "./webhook-services.js";

const installationSchema = z.object({ id: z.int() });
const commitsSchema = z.tuple([z.object({ commit: z.object({ message: z.string() }) })]).rest(z.unknown());

const MAX_BRANCHES = 100;
const INSTALLATION_MAX_AGE_MS = 24 * 60 * 60_000;

/** The head of a branch as this process last knew it. */
interface KnownHead {
  readonly head: string | null;
  /** The validator of the last read; `null` when the head is known from an event. */
  readonly etag: string | null;
}

/**
 * Compares the heads of recently synced branches with the last known ones, and emits `push.received` for those that moved, as the
 * handler of pushes does. So a push is noticed even when GitHub sent no delivery for it.
 */
export class BranchHeads {
  readonly #app: WebhookApp;
  readonly #services: WebhookServices;
  readonly #known: RecentValues<KnownHead>;
  /** The installations of repositories; `null` for one without the App. */
  readonly #installations: RecentValues<{ readonly id: number | null }>;

  constructor(app: WebhookApp, services: WebhookServices) {
    this.#app = app;
    this.#services = services;
    this.#known = new RecentValues(services.clock, { maxAgeMs: Number.POSITIVE_INFINITY });
    this.#installations = new RecentValues(services.clock, { maxAgeMs: INSTALLATION_MAX_AGE_MS });
    services.bus.on("push.received", ({ repositoryId, branch, head }) => {
      this.#known.put(keyOf(repositoryId, branch), { head, etag: null });
    });
  }

  /** Reads the heads of at most 100 branches conditionally, and returns the number of those that moved. */
  async compare(signal: AbortSignal): Promise<number> {
    let moved = 0;
    for (const synced of await this.#services.recentlySynced(MAX_BRANCHES)) {
      signal.throwIfAborted();
      try {
        if (await this.#hasMoved(synced, signal)) moved += 1;
      } catch (error) {
        if (!isInaccessible(error)) throw error;
      }
    }
    return moved;
  }

  async #hasMoved({ target, repository, commitId }: SyncedBranch, signal: AbortSignal): Promise<boolean> {
    const installationId = await this.#installationOf(repository, signal);
    if (installationId === null) return false;
    const { repositoryId, branch } = target;
    const key = keyOf(repositoryId, branch);
    const known = this.#known.get(key);
    const credential = this.#app.credential({ installationId, permissions: { contents: "read" } });
    const client = this.#services.clients.for(credential);
    const read = await readHead(client, repository, branch, known?.etag ?? null, signal);
    if (read.state === "unchanged") return false;
    const head = read.state === "read" ? read.head : null;
    this.#known.put(key, { head, etag: read.state === "read" ? read.etag : null });
    const expected = known === null ? commitId : known.head;
    // A branch that this process never saw, and that is gone, may have been deleted long ago.
    if (head === expected || (known === null && (head === null || commitId === null))) return false;
    if (head !== null && (await this.#isOwn(client, { repositoryId, repository, branch }, head, signal))) return false;
    this.#services.bus.emit("push.received", { installationId, repositoryId, repository, branch, head });
    return true;
  }

  /** @see https://docs.github.com/en/rest/apps/apps#get-a-repository-installation-for-the-authenticated-app */
  async #installationOf(repository: string, signal: AbortSignal): Promise<number | null> {
    const cached = this.#installations.get(repository);
    if (cached !== null) return cached.id;
    const id = await this.#app
      .request("GET /repos/{owner}/{repo}/installation", repositoryParameters(repository), signal)
      .then((response) => parseResponse(installationSchema, response).id)
      .catch((error: unknown) => {
        if (isInaccessible(error)) return null;
        throw error;
      });
    this.#installations.put(repository, { id });
    return id;
  }

  /** @see https://docs.github.com/en/rest/commits/commits#list-commits */
  async #isOwn(
    client: GitHubClient,
    place: { readonly repositoryId: number; readonly repository: string; readonly branch: string },
    commitId: string,
    signal: AbortSignal,
  ): Promise<boolean> {
    const parameters = { ...repositoryParameters(place.repository), sha: commitId, per_page: 1 };
    const response = await client.request("GET /repos/{owner}/{repo}/commits", parameters, { signal });
    const [{ commit }] = parseResponse(commitsSchema, response);
    return this.#services.isOwnCommit({ ...place, commitId, message: commit.message });
  }
}

function keyOf(repositoryId: number, branch: string): string {
  return `${repositoryId} ${branch}`;
}

/** Returns `true` when the App has no access to the repository (any longer). */
function isInaccessible(error: unknown): boolean {
  return (
    isGitHubSdkError(error, "repository_not_found") ||
    isGitHubSdkError(error, "installation_not_found") ||
    isGitHubSdkError(error, "insufficient_permissions")
  );
}

import * as z from "zod";
import type { CommitOrigin } from "../domain/branch-move.js";
import { isGitHubSdkError } from "../errors.js";
import type { GitHubClient } from "../github/github-client.js";
import { parseResponse } from "../github/parse-response.js";
import { repositoryParameters } from "../github/repository-name.js";
import { readHead } from "../repository/branch-reader.js";
import { RecentValues } from "../timing/recent-values.js";
import { type WatchedBranch, WatchedBranches, watchKey } from "./watched-branches.js";
import type { WebhookApp, WebhookServices } from "./webhook-services.js";

const installationSchema = z.object({ id: z.int() });
const commitsSchema = z.tuple([z.object({ commit: z.object({ message: z.string() }) })]).rest(z.unknown());

const INSTALLATION_MAX_AGE_MS = 24 * 60 * 60_000;

/** The head of a branch as this process last knew it. */
interface KnownHead {
  readonly head: string | null;
  /** The validator of the last read; `null` when the head is known from an event. */
  readonly etag: string | null;
}

/** A client that may read a branch. */
interface BranchAccess {
  readonly client: GitHubClient;
  /** `null` for the client of a link's owner. */
  readonly installationId: number | null;
}

/**
 * Compares the heads of recently synced and of linked branches with the last known ones. For those that moved, it starts the syncs
 * of their links and emits `push.received`, as the handler of pushes does. So a push is noticed even when GitHub sent no delivery
 * for it.
 */
export class BranchHeads {
  readonly #app: WebhookApp | null;
  readonly #services: WebhookServices;
  readonly #watched: WatchedBranches;
  readonly #known: RecentValues<KnownHead>;
  /** The installations of repositories; `null` for one without the App. */
  readonly #installations: RecentValues<{ readonly id: number | null }>;

  constructor(services: WebhookServices) {
    this.#app = services.app;
    this.#services = services;
    this.#watched = new WatchedBranches(services);
    this.#known = new RecentValues(services.clock, { maxAgeMs: Number.POSITIVE_INFINITY });
    this.#installations = new RecentValues(services.clock, { maxAgeMs: INSTALLATION_MAX_AGE_MS });
    services.bus.on("push.received", ({ repositoryId, branch, head }) => {
      this.#known.put(watchKey({ repositoryId, branch }), { head, etag: null });
    });
  }

  /** Reads the heads of at most 1,100 branches conditionally, and returns the number of those that moved. */
  async compare(signal: AbortSignal): Promise<number> {
    let moved = 0;
    for (const watched of await this.#watched.next()) {
      signal.throwIfAborted();
      let access: BranchAccess | null = null;
      try {
        access = await this.#accessTo(watched, signal);
        if (access !== null && (await this.#hasMoved(watched, access, signal))) moved += 1;
      } catch (error) {
        // One user's connection must not hold up the branches of others.
        const isOfOneUser = access?.installationId === null && isGitHubSdkError(error);
        if (!isInaccessible(error) && !isOfOneUser) throw error;
      }
    }
    return moved;
  }

  async #hasMoved(watched: WatchedBranch, access: BranchAccess, signal: AbortSignal): Promise<boolean> {
    const { client, installationId } = access;
    const { repositoryId, repository, branch, commitId, links } = watched;
    const key = watchKey(watched);
    const known = this.#known.get(key);
    const isBehind = (current: string | null): boolean => links.some((link) => link.head !== current);
    const etag = known === null || isBehind(known.head) ? null : known.etag;
    const read = await readHead(client, repository, branch, etag, signal);
    if (read.state === "unchanged") return false;
    const head = read.state === "read" ? read.head : null;
    this.#known.put(key, { head, etag: read.state === "read" ? read.etag : null });
    const expected = known === null ? commitId : known.head;
    // A branch that this process never saw, and that is gone, may have been deleted long ago.
    const isUnexpected = head !== expected && (known !== null || (head !== null && commitId !== null));
    if (!isUnexpected && !isBehind(head)) return false;
    const place = { repositoryId, repository, branch };
    const origin = head === null ? null : await this.#originOf(client, place, head, signal);
    if (isBehind(head)) await this.#services.branchMoved({ ...place, head, origin });
    if (!isUnexpected || origin !== null) return false;
    this.#services.bus.emit("push.received", { ...place, installationId, head });
    return true;
  }

  /** Returns a client for a branch: of the installation, or else of the first link whose owner has a valid connection. */
  async #accessTo({ repository, links }: WatchedBranch, signal: AbortSignal): Promise<BranchAccess | null> {
    const installationId = this.#app === null ? null : await this.#installationOf(this.#app, repository, signal);
    if (this.#app !== null && installationId !== null) {
      const credential = this.#app.credential({ installationId, permissions: { contents: "read" } });
      return { client: this.#services.clients.for(credential), installationId };
    }
    for (const link of links) {
      const credential = await this.#services.credentialOf(link).catch((error: unknown) => {
        if (isGitHubSdkError(error) && error.status < 500) return null;
        throw error;
      });
      if (credential !== null) return { client: this.#services.clients.for(credential), installationId: null };
    }
    return null;
  }

  /** @see https://docs.github.com/en/rest/apps/apps#get-a-repository-installation-for-the-authenticated-app */
  async #installationOf(app: WebhookApp, repository: string, signal: AbortSignal): Promise<number | null> {
    const cached = this.#installations.get(repository);
    if (cached !== null) return cached.id;
    const id = await app
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
  async #originOf(
    client: GitHubClient,
    place: { readonly repositoryId: number; readonly repository: string; readonly branch: string },
    commitId: string,
    signal: AbortSignal,
  ): Promise<CommitOrigin | null> {
    const parameters = { ...repositoryParameters(place.repository), sha: commitId, per_page: 1 };
    const response = await client.request("GET /repos/{owner}/{repo}/commits", parameters, { signal });
    const [{ commit }] = parseResponse(commitsSchema, response);
    return this.#services.originOf({ ...place, commitId, message: commit.message });
  }
}

/** Returns `true` when the credential has no access to the repository (any longer). */
function isInaccessible(error: unknown): boolean {
  return (
    isGitHubSdkError(error, "repository_not_found") ||
    isGitHubSdkError(error, "installation_not_found") ||
    isGitHubSdkError(error, "reauth_required") ||
    isGitHubSdkError(error, "insufficient_permissions")
  );
}

import * as z from "zod";
import type { Installation, InstallationRequest } from "../domain/installation.js";
import { linkedPage } from "../github/pagination.js";
import { parseResponse } from "../github/parse-response.js";
import type { AppClient } from "./app-client.js";
import type { AppServices } from "./app-services.js";

const requestSchema = z.object({
  account: z.object({ login: z.string() }),
  requester: z.object({ id: z.int() }),
  created_at: z.coerce.date(),
});

const MAX_PAGES = 10;
// GitHub's list may not contain a request yet that was made seconds ago.
const LISTED_WITHIN_MS = 60_000;
// An organization's owners who did not approve a request for so long will not.
const KEPT_FOR_MS = 90 * 24 * 60 * 60_000;

/** A requested installation that no owner of the organization has approved. */
export interface PendingInstallation {
  /** The login of the organization; `null` when GitHub does not tell it. */
  readonly account: string | null;
  readonly requestedAt: Date;
}

/** The requests of users for installations. */
export class InstallationRequests {
  readonly #services: Pick<AppServices, "apiUrl" | "installations" | "bus" | "clock">;
  readonly #client: AppClient;

  constructor(services: Pick<AppServices, "apiUrl" | "installations" | "bus" | "clock">, client: AppClient) {
    this.#services = services;
    this.#client = client;
  }

  /** Stores that a user requested an installation. */
  async add(requester: {
    readonly userId: string;
    readonly githubUserId: number;
    readonly login: string;
  }): Promise<void> {
    const { apiUrl, installations, bus, clock } = this.#services;
    const { userId, githubUserId } = requester;
    await installations.putRequest({ apiUrl, userId, githubUserId, requestedAt: new Date(clock.now()) });
    bus.emit("installation.requested", requester);
  }

  /**
   * Returns the user's requests that are not approved yet. Forgets them when they are approved, rejected or too old.
   *
   * @param visible the installations that the user can see
   */
  async pending(
    userId: string,
    visible: readonly Installation[],
    signal: AbortSignal,
  ): Promise<readonly PendingInstallation[]> {
    const { apiUrl, installations, clock } = this.#services;
    const request = await installations.findRequest(apiUrl, userId);
    if (request === null) return [];
    const listed = await this.#listed(request.githubUserId, signal);
    if (listed !== null && listed.length > 0) return listed;
    const age = clock.now() - request.requestedAt.getTime();
    const isSettled = listed === null ? hasAppeared(request, visible) || age > KEPT_FOR_MS : age > LISTED_WITHIN_MS;
    if (!isSettled && !hasAppeared(request, visible)) return [{ account: null, requestedAt: request.requestedAt }];
    await installations.removeRequest(request);
    return [];
  }

  /**
   * Returns the requests of a GitHub user that GitHub lists; `null` when it does not offer the list.
   *
   * @see https://docs.github.com/en/rest/apps/apps#list-installation-requests-for-the-authenticated-app
   */
  async #listed(githubUserId: number, signal: AbortSignal): Promise<readonly PendingInstallation[] | null> {
    const found: PendingInstallation[] = [];
    let query: Readonly<Record<string, unknown>> | null = { per_page: 100 };
    for (let page = 0; query !== null && page < MAX_PAGES; page += 1) {
      const response = await this.#client.request("GET /app/installation-requests", query, { signal, expect: [404] });
      if (response.status === 404) return null;
      for (const { account, requester, created_at } of parseResponse(z.array(requestSchema), response)) {
        if (requester.id === githubUserId) found.push({ account: account.login, requestedAt: created_at });
      }
      query = linkedPage(response.headers, "next");
    }
    return found;
  }
}

/** Returns `true` when the user sees an installation in an organization that was created after the request. */
function hasAppeared({ requestedAt }: InstallationRequest, visible: readonly Installation[]): boolean {
  // GitHub's times have no milliseconds.
  const since = requestedAt.getTime() - 1_000;
  return visible.some(({ account, createdAt }) => account.type === "Organization" && createdAt.getTime() >= since);
}

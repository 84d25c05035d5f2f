import * as z from "zod";
import { GitHubSdkError, isGitHubSdkError } from "../errors.js";
import { linkedPage } from "../github/pagination.js";
import { parseResponse } from "../github/parse-response.js";
import type { DeliveryHandlers } from "./delivery-handlers.js";
import type { WebhookApp, WebhookServices } from "./webhook-services.js";

/** The result of a recovery. */
export interface WebhookRecovery {
  /** The number of deliveries read from GitHub's log. */
  readonly examined: number;
  /** The number of deliveries that GitHub was asked to redeliver. */
  readonly redelivered: number;
  /** The number of deliveries that GitHub refused to redeliver. */
  readonly refused: number;
  /** The number of branches whose head moved without a delivery that told it. */
  readonly movedBranches: number;
  /** `true` when the recovery reached a limit. Call it again. */
  readonly hasMore: boolean;
}

/** The options of a recovery. */
export interface RecoverOptions {
  /** The time of the oldest delivery to examine. Defaults to three days ago, since GitHub redelivers nothing older. */
  readonly since?: Date;
  readonly signal?: AbortSignal;
}

/** The part of a recovery that reads GitHub's log. */
export type LogRecovery = Omit<WebhookRecovery, "movedBranches">;

/** A delivery, merged from all its entries in GitHub's log. */
interface LoggedDelivery {
  /** `X-GitHub-Delivery`. */
  readonly guid: string;
  /** GitHub's ID of the latest attempt. */
  readonly logId: number;
  readonly event: string;
  readonly action: string | null;
  readonly attempts: number;
  /** The time of the first attempt. */
  readonly deliveredAt: Date;
  /** `true` when any attempt received a 2xx response. */
  readonly wasAccepted: boolean;
}

const pageSchema = z.array(
  z.object({
    id: z.int(),
    guid: z.string(),
    delivered_at: z.coerce.date(),
    status_code: z.int(),
    event: z.string(),
    action: z.string().nullish().default(null),
  }),
);

// https://docs.github.com/en/webhooks/testing-and-troubleshooting-webhooks/redelivering-webhooks
const GITHUB_RETENTION_MS = 3 * 24 * 60 * 60_000;
const MAX_PAGES = 50;
const MAX_REDELIVERIES = 200;
// A delivery that failed this often is not redelivered automatically.
const MAX_ATTEMPTS = 10;

/** Reads GitHub's log of the App's deliveries and requests redeliveries. GitHub does not retry failed deliveries by itself. */
export class DeliveryLog {
  readonly #app: WebhookApp;
  readonly #services: Pick<WebhookServices, "deliveries" | "clock" | "logger">;
  readonly #handlers: Pick<DeliveryHandlers, "has">;

  constructor(
    app: WebhookApp,
    services: Pick<WebhookServices, "deliveries" | "clock" | "logger">,
    handlers: Pick<DeliveryHandlers, "has">,
  ) {
    this.#app = app;
    this.#services = services;
    this.#handlers = handlers;
  }

  /**
   * Asks GitHub to redeliver one delivery.
   *
   * @throws GitHubSdkError `delivery_not_found` when GitHub's log does not contain it (any longer)
   */
  async redeliver(guid: string, signal: AbortSignal): Promise<void> {
    const since = new Date(this.#services.clock.now() - GITHUB_RETENTION_MS);
    for await (const page of this.#pages(since, signal)) {
      const entry = page.find((logged) => logged.guid === guid);
      if (entry !== undefined) return this.#requestRedelivery(entry.id, signal);
    }
    throw new GitHubSdkError(
      "delivery_not_found",
      "GitHub's log does not contain this delivery. It keeps deliveries for three days.",
    );
  }

  /**
   * Asks GitHub to redeliver deliveries that are not in the inbox or whose handlers failed. What GitHub's log says of the response
   * does not count: a response with status 200 does not prove that this host received the delivery.
   *
   * @see https://docs.github.com/en/webhooks/using-webhooks/automatically-redelivering-failed-deliveries-for-a-github-app-webhook
   */
  async recover(since: Date | null, signal: AbortSignal): Promise<LogRecovery> {
    const begin = since ?? new Date(this.#services.clock.now() - GITHUB_RETENTION_MS);
    const { logged, isWhole } = await this.#read(begin, signal);
    const { firstReceivedAt } = await this.#services.deliveries.summary();
    let redelivered = 0;
    let refused = 0;
    for (const delivery of logged) {
      signal.throwIfAborted();
      if (!(await this.#isMissing(delivery, firstReceivedAt))) continue;
      if (redelivered + refused === MAX_REDELIVERIES) {
        return { examined: logged.length, redelivered, refused, hasMore: true };
      }
      if (await this.#redeliver(delivery, signal)) redelivered += 1;
      else refused += 1;
    }
    return { examined: logged.length, redelivered, refused, hasMore: !isWhole };
  }

  async #redeliver({ guid, logId, event }: LoggedDelivery, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#requestRedelivery(logId, signal);
      return true;
    } catch (error) {
      if (!isGitHubSdkError(error, "github_rejected")) throw error;
      this.#services.logger.warn("GitHub refused to redeliver a webhook delivery.", { delivery: guid, event, error });
      return false;
    }
  }

  /** @see https://docs.github.com/en/rest/apps/webhooks#redeliver-a-delivery-for-an-app-webhook */
  async #requestRedelivery(logId: number, signal: AbortSignal): Promise<void> {
    await this.#app.request("POST /app/hook/deliveries/{delivery_id}/attempts", { delivery_id: logId }, signal);
  }

  /**
   * Returns `true` for a delivery to redeliver. An accepted one from before the first delivery in the inbox may have been handled
   * without an inbox. A delivery whose body is stored is handled, or replayed, from the inbox.
   */
  async #isMissing(delivery: LoggedDelivery, firstReceivedAt: Date | null): Promise<boolean> {
    const { guid, event, action, wasAccepted, attempts, deliveredAt } = delivery;
    if (!this.#handlers.has(event, action) || attempts >= MAX_ATTEMPTS) return false;
    const { deliveries, clock } = this.#services;
    const stored = await deliveries.find(guid);
    if (stored === null) return !wasAccepted || (firstReceivedAt !== null && deliveredAt >= firstReceivedAt);
    if (stored.storedBytes > 0) return false;
    return (
      stored.status === "failed" || (stored.status === "in_progress" && stored.claimedUntil.getTime() <= clock.now())
    );
  }

  /** Reads the log, oldest delivery first, so that redeliveries keep the order of events. */
  async #read(since: Date, signal: AbortSignal): Promise<{ logged: readonly LoggedDelivery[]; isWhole: boolean }> {
    const byGuid = new Map<string, LoggedDelivery>();
    let pages = 0;
    for await (const page of this.#pages(since, signal)) {
      for (const { id, guid, event, action, status_code, delivered_at: deliveredAt } of page) {
        const later = byGuid.get(guid) ?? { guid, logId: id, event, action, attempts: 0, wasAccepted: false };
        const wasAccepted = later.wasAccepted || (status_code >= 200 && status_code < 300);
        byGuid.delete(guid);
        byGuid.set(guid, { ...later, attempts: later.attempts + 1, wasAccepted, deliveredAt });
      }
      pages += 1;
    }
    return { logged: [...byGuid.values()].reverse(), isWhole: pages < MAX_PAGES };
  }

  /** @see https://docs.github.com/en/rest/apps/webhooks#list-deliveries-for-an-app-webhook */
  async *#pages(since: Date, signal: AbortSignal): AsyncGenerator<z.infer<typeof pageSchema>> {
    let query: Readonly<Record<string, unknown>> | null = { per_page: 100 };
    for (let pages = 0; query !== null && pages < MAX_PAGES; pages += 1) {
      const response = await this.#app.request("GET /app/hook/deliveries", query, signal);
      const page = parseResponse(pageSchema, response);
      yield page.filter(({ delivered_at }) => delivered_at.getTime() >= since.getTime());
      const last = page.at(-1);
      if (last === undefined || last.delivered_at.getTime() < since.getTime()) return;
      query = linkedPage(response.headers, "next");
    }
  }
}

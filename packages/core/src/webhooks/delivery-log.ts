import { z } from "zod";
import { GitHubSdkError, isGitHubSdkError } from "../errors.js";
import { linkedPage } from "../github/pagination.js";
import { parseAnswer } from "../github/parse-answer.js";
import type { WebhookApp, WebhookServices } from "./webhook-services.js";

/** What a recovery did. */
export interface WebhookRecovery {
  /** How many deliveries GitHub's log was asked about. */
  readonly examined: number;
  /** How many GitHub was asked to deliver again. */
  readonly redelivered: number;
  /** How many of those GitHub refused to deliver again. */
  readonly refused: number;
  /** Whether there was more than one recovery does; call it again. */
  readonly hasMore: boolean;
}

/** From when on, and until when. */
export interface RecoverOptions {
  /** Three days ago unless told: GitHub delivers nothing older again. */
  readonly since?: Date;
  readonly signal?: AbortSignal;
}

/** What is known of one delivery from all entries that GitHub's log has of it. */
interface LoggedDelivery {
  /** `X-GitHub-Delivery`. */
  readonly guid: string;
  /** GitHub's id of the last attempt. */
  readonly logId: number;
  readonly event: string;
  readonly action: string | null;
  readonly attempts: number;
  /** Whether any attempt was answered well. */
  readonly wasTaken: boolean;
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
const KEPT_BY_GITHUB = 3 * 24 * 60 * 60_000;
const MOST_PAGES = 50;
const MOST_REDELIVERIES = 200;
// What failed so often is not asked for again by itself.
const MOST_ATTEMPTS = 10;

/** GitHub's log of what it delivered to the App. GitHub does not repeat by itself what failed; it does when it is asked. */
export class DeliveryLog {
  readonly #app: WebhookApp;
  readonly #services: Pick<WebhookServices, "deliveries" | "clock" | "logger">;
  readonly #isHandled: (event: string, action: string | null) => boolean;

  constructor(
    app: WebhookApp,
    services: Pick<WebhookServices, "deliveries" | "clock" | "logger">,
    isHandled: (event: string, action: string | null) => boolean,
  ) {
    this.#app = app;
    this.#services = services;
    this.#isHandled = isHandled;
  }

  /**
   * Asks GitHub to deliver one delivery again.
   *
   * @throws GitHubSdkError `delivery_not_found` when GitHub's log does not have it (any more)
   */
  async redeliver(guid: string, signal: AbortSignal): Promise<void> {
    const since = new Date(this.#services.clock.now() - KEPT_BY_GITHUB);
    for await (const page of this.#pages(since, signal)) {
      const entry = page.find((logged) => logged.guid === guid);
      if (entry !== undefined) return this.#askAgain(entry.id, signal);
    }
    throw new GitHubSdkError("delivery_not_found", "GitHub's log does not have this delivery. It keeps three days.");
  }

  /**
   * Asks GitHub to deliver again what never arrived or failed here.
   *
   * @see https://docs.github.com/en/webhooks/using-webhooks/automatically-redelivering-failed-deliveries-for-a-github-app-webhook
   */
  async recover({ since }: RecoverOptions, signal: AbortSignal): Promise<WebhookRecovery> {
    const begin = since ?? new Date(this.#services.clock.now() - KEPT_BY_GITHUB);
    const { logged, isWhole } = await this.#read(begin, signal);
    let redelivered = 0;
    let refused = 0;
    for (const delivery of logged) {
      signal.throwIfAborted();
      if (!(await this.#isMissing(delivery))) continue;
      if (redelivered + refused === MOST_REDELIVERIES) {
        return { examined: logged.length, redelivered, refused, hasMore: true };
      }
      if (await this.#tryAgain(delivery, signal)) redelivered += 1;
      else refused += 1;
    }
    return { examined: logged.length, redelivered, refused, hasMore: !isWhole };
  }

  async #tryAgain({ guid, logId, event }: LoggedDelivery, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#askAgain(logId, signal);
      return true;
    } catch (error) {
      if (!isGitHubSdkError(error, "github_rejected")) throw error;
      this.#services.logger.warn("GitHub did not deliver a webhook again.", { delivery: guid, event, error });
      return false;
    }
  }

  /** @see https://docs.github.com/en/rest/apps/webhooks#redeliver-a-delivery-for-an-app-webhook */
  async #askAgain(logId: number, signal: AbortSignal): Promise<void> {
    await this.#app.request("POST /app/hook/deliveries/{delivery_id}/attempts", { delivery_id: logId }, signal);
  }

  /** What was answered well and is not known here had nobody to handle it. */
  async #isMissing({ guid, event, action, wasTaken, attempts }: LoggedDelivery): Promise<boolean> {
    if (!this.#isHandled(event, action) || attempts >= MOST_ATTEMPTS) return false;
    const { deliveries, clock } = this.#services;
    const known = await deliveries.find(guid);
    if (known === null) return !wasTaken;
    return known.status === "failed" || (known.status === "in_progress" && known.claimedUntil.getTime() <= clock.now());
  }

  /** Oldest first, so that things happen in their order. */
  async #read(since: Date, signal: AbortSignal): Promise<{ logged: readonly LoggedDelivery[]; isWhole: boolean }> {
    const byGuid = new Map<string, LoggedDelivery>();
    let pages = 0;
    for await (const page of this.#pages(since, signal)) {
      for (const { id, guid, event, action, status_code } of page) {
        const later = byGuid.get(guid) ?? { guid, logId: id, event, action, attempts: 0, wasTaken: false };
        const wasTaken = later.wasTaken || (status_code >= 200 && status_code < 300);
        byGuid.delete(guid);
        byGuid.set(guid, { ...later, attempts: later.attempts + 1, wasTaken });
      }
      pages += 1;
    }
    return { logged: [...byGuid.values()].reverse(), isWhole: pages < MOST_PAGES };
  }

  /** @see https://docs.github.com/en/rest/apps/webhooks#list-deliveries-for-an-app-webhook */
  async *#pages(since: Date, signal: AbortSignal): AsyncGenerator<z.infer<typeof pageSchema>> {
    let query: Readonly<Record<string, unknown>> | null = { per_page: 100 };
    for (let pages = 0; query !== null && pages < MOST_PAGES; pages += 1) {
      const answer = await this.#app.request("GET /app/hook/deliveries", query, signal);
      const page = parseAnswer(pageSchema, answer);
      yield page.filter(({ delivered_at }) => delivered_at.getTime() >= since.getTime());
      const last = page.at(-1);
      if (last === undefined || last.delivered_at.getTime() < since.getTime()) return;
      query = linkedPage(answer.headers, "next");
    }
  }
}

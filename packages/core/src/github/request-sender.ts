import { type Clock, systemClock } from "../adapters/clock.js";
import { GitHubSdkError, isGitHubSdkError } from "../errors.js";
import type { Logger } from "../logger.js";
import { redactedCause, redactingSecret, withoutSecret } from "../redaction.js";
import { abortable } from "../timing/abortable.js";
import type { Credential } from "./credential.js";
import type { CredentialQueues } from "./credential-queues.js";
import type { GitHubResponse } from "./github-client.js";
import { rateLimitOf } from "./rate-limit.js";
import type { RateLimitGate, WaitBudget } from "./rate-limit-gate.js";
import type { CostOfRequest } from "./request-cost.js";
import type { BudgetPlace, SharedBudget } from "./shared-budget.js";
import { graphqlErrorsOf } from "./upstream-text.js";

/** A request that may be sent several times. */
export interface Outgoing {
  /** The method and the path template: for the log, and to choose the queue. */
  readonly route: string;
  readonly cost: CostOfRequest;
  /** The number of times that it is sent again after a 5xx response or a network failure. */
  readonly retries: number;
  /** `null` for a request that does not wait for others of its credential. Defaults to the queue of the route. */
  readonly queue?: null;
  /** Sends it once and returns the response, also one with an error status. @throws NetworkFailure when there is no response */
  readonly send: (token: string, signal: AbortSignal) => Promise<GitHubResponse>;
}

/** The parts of a sender that all clients of one SDK instance share. */
export interface RequestSenderOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly retryBaseMs: number;
  readonly queues: CredentialQueues;
  readonly budget: SharedBudget;
  /** Called when GitHub refuses a request for a rate limit, with the time that the credential has to wait, in milliseconds. */
  readonly onLimited: (key: string, waitMs: number) => void;
  /** Aborted when the clients are closed. */
  readonly closing: AbortSignal;
  /** The longest wait of one request for rate limits, in milliseconds. */
  readonly maxRateLimitWaitMs: number;
  /** True when a person waits for the responses. */
  readonly isInteractive: boolean;
}

/** A request that got no response and may be sent again. */
export class NetworkFailure extends Error {
  /** The error for the caller. */
  readonly reported: GitHubSdkError;

  constructor(reported: GitHubSdkError) {
    super(reported.message, { cause: reported });
    this.reported = reported;
  }
}

/** The state of one request. */
interface Exchange {
  readonly signal: AbortSignal;
  readonly wait: WaitBudget;
  readonly sent: SentToken;
}

/** The token of the last attempt of a request. */
interface SentToken {
  token: string | null;
}

/** A response, and whether it reports a rate limit. */
interface Attempt {
  readonly response: GitHubResponse;
  readonly isLimited: boolean;
}

// More than a new token needs, while a credential that keeps renewing must not make a request endless.
const MAX_UNAUTHORIZED = 12;

/** Sends the requests of one credential: within its rate limits, with its current token, and again after failures. */
export class RequestSender {
  readonly #credential: Credential;
  readonly #options: RequestSenderOptions;

  constructor(credential: Credential, options: RequestSenderOptions) {
    this.#credential = credential;
    this.#options = options;
  }

  /**
   * Sends a request until the response is not a rate limit; a response with an error status counts too.
   *
   * @throws GitHubSdkError `rate_limited` when the wait would be too long; the errors of sending; the signal's reason
   */
  async send(outgoing: Outgoing, signal: AbortSignal): Promise<GitHubResponse> {
    const wait: WaitBudget = { spentMs: 0, maxMs: this.#options.maxRateLimitWaitMs };
    const sent: SentToken = { token: null };
    for (let refusals = 0; ; ) {
      const { response, isLimited } = await abortable([signal, this.#options.closing], (linked) =>
        withoutToken(sent, () => this.#sendAgainAfterFailures(outgoing, { signal: linked, wait, sent })),
      );
      // An unauthorized request has no effect, so a write may be sent again too.
      if (response.status === 401 && refusals < MAX_UNAUTHORIZED && (await this.#hasBetterToken(sent, signal))) {
        refusals += 1;
        continue;
      }
      if (!isLimited) return response;
    }
  }

  get #gate(): RateLimitGate {
    return this.#options.queues.gate(this.#credential.key);
  }

  async #hasBetterToken({ token }: SentToken, signal: AbortSignal): Promise<boolean> {
    const credential = this.#credential;
    return token !== null && credential.rejected !== undefined && (await credential.rejected(token, signal));
  }

  async #sendAgainAfterFailures(outgoing: Outgoing, exchange: Exchange): Promise<Attempt> {
    for (let attempt = 1; ; attempt += 1) {
      const isLast = attempt > outgoing.retries;
      try {
        const sent = await this.#sendInTurn(outgoing, exchange);
        if (isLast || !isTransient(sent.response)) return sent;
      } catch (error) {
        if (!(error instanceof NetworkFailure)) throw error;
        if (isLast) throw error.reported;
      }
      // Real time: a failing connection does not recover when a clock is put forward.
      await systemClock.sleep(attempt ** 2 * this.#options.retryBaseMs, exchange.signal);
    }
  }

  #sendInTurn(outgoing: Outgoing, exchange: Exchange): Promise<Attempt> {
    if (outgoing.queue === null) return this.#sendOnce(outgoing, exchange);
    const queue = this.#options.queues.queue(this.#credential.key, outgoing.route);
    return queue.run(() => this.#sendOnce(outgoing, exchange));
  }

  async #sendOnce(outgoing: Outgoing, exchange: Exchange): Promise<Attempt> {
    const place = await this.#admit(outgoing.cost, exchange);
    let response: GitHubResponse;
    try {
      exchange.signal.throwIfAborted();
      const token = await this.#credential.token(exchange.signal);
      exchange.sent.token = token;
      response = await outgoing.send(token, exchange.signal);
    } catch (error) {
      place.leave();
      throw error;
    }
    const closedForMs = this.#closeIfLimited(response, outgoing.route);
    place.release(response, closedForMs);
    return { response, isLimited: closedForMs !== null };
  }

  /** Waits for the gate of this process and for a place in the budget of all processes. */
  async #admit(cost: CostOfRequest, { wait, signal }: Exchange): Promise<BudgetPlace> {
    const { budget, isInteractive } = this.#options;
    await this.#gate.pass(wait, signal);
    const { key } = this.#credential;
    const place = await budget.enter({ key, cost: { ...cost, isInteractive }, wait, signal });
    try {
      await this.#gate.pass(wait, signal);
      return place;
    } catch (error) {
      place.leave();
      throw error;
    }
  }

  /** Closes the gate when a response reports a rate limit. Returns the time for which it is closed, or `null`. */
  #closeIfLimited(response: GitHubResponse, route: string): number | null {
    const { clock, logger, onLimited } = this.#options;
    const limit = rateLimitOf(response, clock.now());
    if (limit === null) {
      this.#gate.succeeded();
      return null;
    }
    const { key } = this.#credential;
    logger.warn("GitHub's rate limit was reached", { credential: key, route, ...limit });
    const waitMs = this.#gate.close(limit);
    onLimited(key, waitMs);
    return waitMs;
  }
}

/** Recognizes a failure that the same request may not have a second time; GraphQL reports one with status 200. */
function isTransient({ status, data }: GitHubResponse): boolean {
  if (status >= 500) return true;
  return status === 200 && /something went wrong while executing/i.test(graphqlErrorsOf(data)[0]?.message ?? "");
}

/** Removes the token that was sent from error responses and errors: GitHub, or a proxy before it, may repeat it there. */
async function withoutToken(sent: SentToken, send: () => Promise<Attempt>): Promise<Attempt> {
  try {
    const attempt = await send();
    const { response } = attempt;
    if (response.status < 300 || sent.token === null) return attempt;
    return { ...attempt, response: { ...response, data: withoutSecret(response.data, sent.token) } };
  } catch (error) {
    if (!isGitHubSdkError(error) || sent.token === null) throw error;
    const { code, message, details } = error;
    const cause = redactedCause(error.cause, redactingSecret(sent.token));
    throw cause === error.cause ? error : new GitHubSdkError(code, message, { cause, details });
  }
}

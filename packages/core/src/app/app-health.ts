import * as z from "zod";
import type { Clock } from "../adapters/clock.js";
import { GitHubSdkError, isGitHubSdkError } from "../errors.js";
import { timeoutError } from "../github/error-mapping.js";
import { abortable } from "../timing/abortable.js";
import { timeoutSignal } from "../timing/timeout-signal.js";
import type { AppClient } from "./app-client.js";

/** The result of one check. */
export interface HealthCheck {
  readonly ok: boolean;
  /** One or two words. Never contains a secret. */
  readonly text: string;
}

/** The health of the App. */
export interface AppHealth {
  /** `degraded`: GitHub does not respond at the moment. `unhealthy`: the App is misconfigured. */
  readonly status: "healthy" | "degraded" | "unhealthy";
  readonly configuration: HealthCheck;
  readonly jwtGeneration: HealthCheck;
  readonly apiConnectivity: HealthCheck;
  readonly errors: readonly string[];
}

const CACHED_FOR_MS = 10_000;
// Probes time out sooner than an API request does.
const CHECK_TIMEOUT_MS = 5_000;
const appSchema = z.object({ id: z.int() });

/** Checks that the App can act, at most once in 10 seconds, so that probes do not exhaust the rate limit. */
export class AppHealthProbe {
  readonly #app: AppClient;
  readonly #appId: number;
  readonly #clock: Clock;
  #latest: { readonly at: number; readonly health: Promise<AppHealth> } | null = null;

  constructor(app: AppClient, appId: number, clock: Clock) {
    this.#app = app;
    this.#appId = appId;
    this.#clock = clock;
  }

  /** Returns the App's health, cached for 10 seconds. Never rejects. */
  check(signal: AbortSignal): Promise<AppHealth> {
    const now = this.#clock.now();
    if (this.#latest === null || now - this.#latest.at > CACHED_FOR_MS)
      this.#latest = { at: now, health: this.#check(signal) };
    return this.#latest.health;
  }

  async #check(signal: AbortSignal): Promise<AppHealth> {
    const configuration = { ok: true, text: "Valid" };
    const signingProblem = await this.#checkSigning(signal);
    if (signingProblem !== null) {
      return {
        status: "unhealthy",
        configuration,
        jwtGeneration: { ok: false, text: "Failed" },
        apiConnectivity: { ok: false, text: "Not tried" },
        errors: [signingProblem],
      };
    }
    const problem = await this.#checkApi(signal);
    const jwtGeneration = { ok: true, text: "Working" };
    if (problem === null) {
      return {
        status: "healthy",
        configuration,
        jwtGeneration,
        apiConnectivity: { ok: true, text: "Connected" },
        errors: [],
      };
    }
    return { ...problem, configuration, jwtGeneration, apiConnectivity: { ok: false, text: "Failed" } };
  }

  async #checkSigning(closing: AbortSignal): Promise<string | null> {
    const late = new GitHubSdkError("app_signing_failed", "The App's token was not signed in time.");
    const timeout = timeoutSignal(this.#clock, CHECK_TIMEOUT_MS, late, closing);
    try {
      await abortable([timeout.signal], () => this.#app.token());
      return null;
    } catch (error) {
      if (isGitHubSdkError(error, "app_signing_failed")) return error.message;
      return "The private key cannot sign. Generate a new one in the App's settings.";
    } finally {
      timeout.clear();
    }
  }

  async #checkApi(signal: AbortSignal): Promise<Pick<AppHealth, "status" | "errors"> | null> {
    const timeout = timeoutSignal(this.#clock, CHECK_TIMEOUT_MS, timeoutError(), signal);
    try {
      const { data } = await this.#app.request("GET /app", {}, { signal: timeout.signal, retry: "never" });
      if (appSchema.safeParse(data).data?.id === this.#appId) return null;
      return { status: "unhealthy", errors: ["The private key belongs to a different GitHub App."] };
    } catch (error) {
      const text = isGitHubSdkError(error) ? error.message : "GitHub could not be reached.";
      return { status: isGitHubSdkError(error, "app_misconfigured") ? "unhealthy" : "degraded", errors: [text] };
    } finally {
      timeout.clear();
    }
  }
}

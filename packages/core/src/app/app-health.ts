import { z } from "zod";
import type { Clock } from "../adapters/clock.js";
import { isGitHubSdkError } from "../errors.js";
import { timeoutError } from "../github/error-mapping.js";
import { timeoutSignal } from "../timing/timeout-signal.js";
import type { AppClient } from "./app-client.js";

/** One thing that was looked at. */
export interface HealthCheck {
  readonly ok: boolean;
  /** A word or two; never a secret. */
  readonly text: string;
}

/** How the App is. */
export interface AppHealth {
  /** `degraded`: GitHub does not answer at the moment. `unhealthy`: nothing will work before somebody mends it. */
  readonly status: "healthy" | "degraded" | "unhealthy";
  readonly configuration: HealthCheck;
  readonly jwtGeneration: HealthCheck;
  readonly apiConnectivity: HealthCheck;
  readonly errors: readonly string[];
}

const KEPT_FOR = 10_000;
// Whoever probes gives up sooner than a request may take.
const LONGEST_LOOK = 5_000;
const appSchema = z.object({ id: z.int() });

/** Looks whether the App can act, at most once in ten seconds: a probe must not spend the rate limit. */
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

  /** The App's health, up to ten seconds old. Never rejects. */
  check(signal: AbortSignal): Promise<AppHealth> {
    const now = this.#clock.now();
    if (this.#latest === null || now - this.#latest.at > KEPT_FOR)
      this.#latest = { at: now, health: this.#look(signal) };
    return this.#latest.health;
  }

  async #look(signal: AbortSignal): Promise<AppHealth> {
    const configuration = { ok: true, text: "Valid" };
    try {
      await this.#app.token();
    } catch {
      const jwtGeneration = { ok: false, text: "Failed" };
      const errors = ["The private key cannot sign. Generate a new one in the App's settings."];
      return {
        status: "unhealthy",
        configuration,
        jwtGeneration,
        apiConnectivity: { ok: false, text: "Not tried" },
        errors,
      };
    }
    const problem = await this.#ask(signal);
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

  async #ask(signal: AbortSignal): Promise<Pick<AppHealth, "status" | "errors"> | null> {
    const timeout = timeoutSignal(this.#clock, LONGEST_LOOK, timeoutError(), signal);
    try {
      const { data } = await this.#app.request("GET /app", {}, { signal: timeout.signal, retry: "never" });
      if (appSchema.safeParse(data).data?.id === this.#appId) return null;
      return { status: "unhealthy", errors: ["GitHub takes the private key for another App's."] };
    } catch (error) {
      const text = isGitHubSdkError(error) ? error.message : "GitHub could not be asked.";
      return { status: isGitHubSdkError(error, "app_misconfigured") ? "unhealthy" : "degraded", errors: [text] };
    } finally {
      timeout.clear();
    }
  }
}

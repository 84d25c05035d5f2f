import * as z from "zod";
import type { Clock } from "../adapters/clock.js";
import { GitHubSdkError } from "../errors.js";
import type { Credential } from "../github/credential.js";
import { errorFromResponse } from "../github/error-mapping.js";
import type { GitHubClient, GitHubResponse } from "../github/github-client.js";
import { type GitHubClients, interactiveClients } from "../github/github-clients.js";
import { createAppJwt } from "./app-jwt.js";
import type { AppIdentity } from "./app-services.js";

/** A JWT of the App, with the time and the clock difference for which it was issued. */
interface IssuedJwt {
  readonly token: Promise<string>;
  readonly at: number;
  readonly skewSeconds: number;
}

// Half of the lifetime of a JWT.
const REUSED_FOR_MS = 5 * 60_000;

const refusalSchema = z.object({ message: z.string() });

/** The options of one request of the App. */
export interface AppRequestOptions {
  readonly signal: AbortSignal;
  readonly retry?: "safe" | "never";
  readonly expect?: readonly number[];
  /** True for work in the background, which waits for a rate limit as long as the SDK allows. Defaults to false: at most 5 seconds. */
  readonly isPatient?: boolean;
}

/** Sends API requests as the GitHub App itself, authenticated by a JWT that the App signs. */
export class AppClient {
  readonly #app: AppIdentity;
  readonly #clock: Clock;
  readonly #client: GitHubClient;
  readonly #patientClient: GitHubClient;
  /** The number of seconds by which GitHub's clock is ahead of the local clock, as last measured. */
  #skewSeconds = 0;
  readonly #closing: AbortSignal;
  #issued: IssuedJwt | null = null;

  constructor(app: AppIdentity, clients: GitHubClients, clock: Clock, closing: AbortSignal) {
    this.#app = app;
    this.#clock = clock;
    this.#closing = closing;
    const credential: Credential = {
      key: `app:${app.appId}`,
      kind: "installation",
      token: () => this.token(),
    };
    this.#client = interactiveClients(clients).for(credential);
    this.#patientClient = clients.for(credential);
  }

  /** Returns GitHub's time in epoch milliseconds, from the local clock and the last measured difference. */
  now(): number {
    return this.#clock.now() + this.#skewSeconds * 1000;
  }

  /**
   * Returns a JWT of the App that is valid for at least 4 minutes. Concurrent callers share one signature.
   *
   * @throws GitHubSdkError `app_signing_failed`
   */
  token(): Promise<string> {
    const now = this.#clock.now();
    const issued = this.#issued;
    const isRecent = issued !== null && now >= issued.at && now - issued.at < REUSED_FOR_MS;
    if (isRecent && issued.skewSeconds === this.#skewSeconds) return issued.token;
    const { appId, signer } = this.#app;
    const token = createAppJwt(appId, Math.floor(this.now() / 1000), signer, this.#closing);
    const created = { token, at: now, skewSeconds: this.#skewSeconds };
    this.#issued = created;
    token.catch(() => this.#forget(created));
    return token;
  }

  /**
   * Sends one request. When GitHub rejects the JWT because the clocks differ, it adopts GitHub's time and retries once.
   *
   * @throws GitHubSdkError `app_misconfigured` when GitHub rejects the App ID and private key; the errors of GitHub requests
   */
  async request(
    route: string,
    parameters: Readonly<Record<string, unknown>>,
    { expect = [], isPatient = false, ...options }: AppRequestOptions,
  ): Promise<GitHubResponse> {
    const client = isPatient ? this.#patientClient : this.#client;
    const send = () => client.request(route, parameters, { ...options, expect: [...expect, 401, 404] });
    const first = await send();
    const response = this.#adoptGitHubTime(first) ? await send() : first;
    if (response.status === 401 || isUnknownApp(response)) {
      this.#forget(this.#issued);
      throw misconfigured(response);
    }
    if (response.status !== 404 || expect.includes(404)) return response;
    const [method = "", path = ""] = route.split(" ");
    throw errorFromResponse(response, { method, route: path, touchesWorkflows: false });
  }

  #forget(issued: IssuedJwt | null): void {
    if (this.#issued === issued) this.#issued = null;
  }

  /** Returns `true` when GitHub rejected the JWT for its timestamps and sent its own time. */
  #adoptGitHubTime({ status, headers, data }: GitHubResponse): boolean {
    const isTimestampError = status === 401 && /'(exp|iat)'/.test(messageOf(data));
    const githubTime = Date.parse(headers.date ?? "");
    if (!isTimestampError || Number.isNaN(githubTime)) return false;
    this.#skewSeconds = Math.round((githubTime - this.#clock.now()) / 1000);
    return true;
  }
}

/** Recognizes the response that GitHub sends to every request of an unknown App. */
function isUnknownApp({ status, data }: GitHubResponse): boolean {
  return status === 404 && messageOf(data) === "Integration not found";
}

function misconfigured({ status, data }: GitHubResponse): GitHubSdkError {
  return new GitHubSdkError(
    "app_misconfigured",
    "The App ID and the private key do not belong to the same GitHub App. Compare both with the App's settings page.",
    { cause: new Error(`GitHub responded with ${status}: ${messageOf(data)}`) },
  );
}

function messageOf(data: unknown): string {
  return refusalSchema.safeParse(data).data?.message ?? "";
}

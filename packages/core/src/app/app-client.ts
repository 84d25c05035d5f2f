import githubAppJwt from "universal-github-app-jwt";
import { z } from "zod";
import type { Clock } from "../adapters/clock.js";
import { GitHubSdkError } from "../errors.js";
import type { Credential } from "../github/credential.js";
import { errorFromAnswer } from "../github/error-mapping.js";
import type { GitHubClient, GitHubResponse } from "../github/github-client.js";
import type { GitHubClients } from "../github/github-clients.js";
import type { AppIdentity } from "./app-services.js";

const refusalSchema = z.object({ message: z.string() });

/** Sends API requests as the GitHub App itself, authenticated by a JWT that the App signs. */
export class AppClient {
  readonly #app: AppIdentity;
  readonly #clock: Clock;
  readonly #client: GitHubClient;
  /** The number of seconds by which GitHub's clock is ahead of the local clock, as last measured. */
  #skewSeconds = 0;

  constructor(app: AppIdentity, clients: GitHubClients, clock: Clock) {
    this.#app = app;
    this.#clock = clock;
    const credential: Credential = {
      key: `app:${app.appId}`,
      kind: "installation",
      token: () => this.token(),
    };
    this.#client = clients.for(credential);
  }

  /** Returns GitHub's time in epoch milliseconds, from the local clock and the last measured difference. */
  now(): number {
    return this.#clock.now() + this.#skewSeconds * 1000;
  }

  /**
   * Creates a JWT of the App, valid for 10 minutes.
   *
   * @see https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
   */
  async token(): Promise<string> {
    const { appId, privateKey } = this.#app;
    const now = Math.floor(this.now() / 1000);
    return (await githubAppJwt({ id: appId, privateKey: privateKey.reveal(), now })).token;
  }

  /**
   * Sends one request. When GitHub rejects the JWT because the clocks differ, it adopts GitHub's time and retries once.
   *
   * @throws GitHubSdkError `app_misconfigured` when GitHub rejects the App ID and private key; the errors of GitHub requests
   */
  async request(
    route: string,
    parameters: Readonly<Record<string, unknown>>,
    options: { readonly signal: AbortSignal; readonly retry?: "safe" | "never"; readonly expect?: readonly number[] },
  ): Promise<GitHubResponse> {
    const { expect = [] } = options;
    const send = () => this.#client.request(route, parameters, { ...options, expect: [...expect, 401, 404] });
    const first = await send();
    const response = this.#adoptGitHubTime(first) ? await send() : first;
    if (response.status === 401 || isUnknownApp(response)) throw misconfigured(response);
    if (response.status !== 404 || expect.includes(404)) return response;
    const [method = "", path = ""] = route.split(" ");
    throw errorFromAnswer(response, { method, route: path, touchesWorkflows: false });
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

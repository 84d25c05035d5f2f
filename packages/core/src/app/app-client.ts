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

/** GitHub's API in the name of the App itself, by a token that the App signs. */
export class AppClient {
  readonly #app: AppIdentity;
  readonly #clock: Clock;
  readonly #client: GitHubClient;
  /** Seconds by which GitHub's clock is ahead of ours, as far as it was noticed. */
  #skew = 0;

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

  /** GitHub's time in epoch milliseconds, as far as it is known. */
  now(): number {
    return this.#clock.now() + this.#skew * 1000;
  }

  /**
   * A token that says who the App is, valid for some minutes.
   *
   * @see https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
   */
  async token(): Promise<string> {
    const { appId, privateKey } = this.#app;
    const now = Math.floor(this.now() / 1000);
    return (await githubAppJwt({ id: appId, privateKey: privateKey.reveal(), now })).token;
  }

  /**
   * Makes one request. When GitHub refuses the token for its times, the clocks differ: the request is made once more by
   * GitHub's clock.
   *
   * @throws GitHubSdkError `app_misconfigured` when GitHub does not know the App by its id and key, else as the client maps it
   */
  async request(
    route: string,
    parameters: Readonly<Record<string, unknown>>,
    options: { readonly signal: AbortSignal; readonly retry?: "safe" | "never"; readonly expect?: readonly number[] },
  ): Promise<GitHubResponse> {
    const { expect = [] } = options;
    const ask = () => this.#client.request(route, parameters, { ...options, expect: [...expect, 401, 404] });
    const first = await ask();
    const answer = this.#learnSkew(first) ? await ask() : first;
    if (answer.status === 401 || isUnknownApp(answer)) throw misconfigured(answer);
    if (answer.status !== 404 || expect.includes(404)) return answer;
    const [method = "", path = ""] = route.split(" ");
    throw errorFromAnswer(answer, { method, route: path, touchesWorkflows: false });
  }

  /** Whether the token was refused for its times, and GitHub's time is known now. */
  #learnSkew({ status, headers, data }: GitHubResponse): boolean {
    const isAboutTimes = status === 401 && /'(exp|iat)'/.test(wordsOf(data));
    const theirs = Date.parse(headers.date ?? "");
    if (!isAboutTimes || Number.isNaN(theirs)) return false;
    this.#skew = Math.round((theirs - this.#clock.now()) / 1000);
    return true;
  }
}

/** GitHub says so in place of the answer, whatever was asked. */
function isUnknownApp({ status, data }: GitHubResponse): boolean {
  return status === 404 && wordsOf(data) === "Integration not found";
}

function misconfigured({ status, data }: GitHubResponse): GitHubSdkError {
  return new GitHubSdkError(
    "app_misconfigured",
    "GitHub does not take the App's id and private key for one App. Compare both with the App's settings page.",
    { cause: new Error(`GitHub answered ${status}: ${wordsOf(data)}`) },
  );
}

function wordsOf(data: unknown): string {
  return refusalSchema.safeParse(data).data?.message ?? "";
}

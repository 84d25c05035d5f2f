import githubAppJwt from "universal-github-app-jwt";
import { z } from "zod";
import type { Clock } from "../adapters/clock.js";
import type { Credential } from "../github/credential.js";
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

  /**
   * A token that says who the App is, valid for some minutes.
   *
   * @see https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
   */
  async token(): Promise<string> {
    const { appId, privateKey } = this.#app;
    const now = Math.floor(this.#clock.now() / 1000) + this.#skew;
    return (await githubAppJwt({ id: appId, privateKey: privateKey.reveal(), now })).token;
  }

  /**
   * Makes one request. When GitHub refuses the token for its times, the clocks differ: the request is made once more by
   * GitHub's clock.
   *
   * @throws GitHubSdkError as the client maps it; a 401 is an answer
   */
  async request(
    route: string,
    parameters: Readonly<Record<string, unknown>>,
    options: { readonly signal: AbortSignal; readonly retry?: "safe" | "never"; readonly expect?: readonly number[] },
  ): Promise<GitHubResponse> {
    const asked = { ...options, expect: [...(options.expect ?? []), 401] };
    const answer = await this.#client.request(route, parameters, asked);
    return this.#learnSkew(answer) ? this.#client.request(route, parameters, asked) : answer;
  }

  #learnSkew({ status, headers, data }: GitHubResponse): boolean {
    const refusal = refusalSchema.safeParse(data);
    const isAboutTimes = status === 401 && refusal.success && /'(exp|iat)'|\((exp|iat)\)/.test(refusal.data.message);
    const theirs = Date.parse(headers.date ?? "");
    if (!isAboutTimes || Number.isNaN(theirs)) return false;
    const skew = Math.round((theirs - this.#clock.now()) / 1000);
    const changed = skew !== this.#skew;
    this.#skew = skew;
    return changed;
  }
}

import type { ClientName } from "../domain/connection.js";
import { GitHubSdkError } from "../errors.js";
import type { Secret } from "../secret.js";

/** What identifies an app at GitHub's authorization server. */
export interface OAuthClient {
  readonly clientId: string;
  readonly clientSecret: Secret;
}

/** The apps that users can authorize: the OAuth App, the GitHub App, or both. */
export type OAuthClients = Readonly<Partial<Record<ClientName, OAuthClient>>>;

const APP: Readonly<Record<ClientName, string>> = { oauth: "OAuth App", app: "GitHub App" };

/**
 * The app that was asked for; the OAuth App before the GitHub App when none was.
 *
 * @throws GitHubSdkError `capability_not_configured` naming the option that is missing
 */
export function configuredClient(
  clients: OAuthClients,
  wanted?: ClientName,
): { name: ClientName; client: OAuthClient } {
  const name = wanted ?? (clients.oauth === undefined && clients.app !== undefined ? "app" : "oauth");
  const client = clients[name];
  if (client !== undefined) return { name, client };
  throw new GitHubSdkError(
    "capability_not_configured",
    wanted === undefined
      ? "Connecting GitHub accounts is not set up. Configure `oauth`, or `app` with a client: a client id and a client secret."
      : `The ${APP[name]} cannot be authorized here. Configure \`${name}\` with its client id and client secret.`,
    { details: { option: name } },
  );
}

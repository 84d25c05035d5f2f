import type { ClientName, ConnectionToken } from "../domain/connection.js";
import { GitHubSdkError } from "../errors.js";
import type { Secret } from "../secret.js";

/** The client ID and secret of an app. */
export interface OAuthClient {
  readonly clientId: string;
  readonly clientSecret: Secret;
}

/** The apps that users can authorize: the OAuth App, the GitHub App, or both. */
export type OAuthClients = Readonly<Partial<Record<ClientName, OAuthClient>>>;

const APP: Readonly<Record<ClientName, string>> = { oauth: "OAuth App", app: "GitHub App" };

/**
 * Returns the named client. Defaults to the OAuth App, or to the GitHub App when no OAuth App is configured.
 *
 * @throws GitHubSdkError `capability_not_configured`; the message names the missing option
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
      ? "Connecting GitHub accounts is not configured. Set `oauth`, or `app`, with a client ID and a client secret."
      : `The ${APP[name]} has no client. Set \`${name}\` with its client ID and client secret.`,
    { details: { option: name } },
  );
}

/**
 * Returns the client that a stored token was issued to.
 *
 * @throws GitHubSdkError `capability_not_configured` when it is not configured here
 */
export function clientOfToken(clients: OAuthClients, { client: name, clientId }: ConnectionToken): OAuthClient {
  const client = clients[name];
  if (client?.clientId === clientId) return client;
  throw new GitHubSdkError(
    "capability_not_configured",
    `The token belongs to the ${APP[name]} with the client ID ${clientId}, which is not configured here.`,
    { details: { option: name } },
  );
}

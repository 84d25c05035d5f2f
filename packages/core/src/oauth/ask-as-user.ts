import { isGitHubSdkError } from "../errors.js";
import type { Credential } from "../github/credential.js";
import type { GitHubClient } from "../github/github-client.js";
import type { GitHubClients } from "../github/github-clients.js";
import type { UserCredential } from "./user-tokens.js";

/**
 * Makes one request in the name of a user. When GitHub does not take the token the connection is told, and where that led to
 * another token the request is made once more.
 */
export async function askAsUser<Answer>(
  clients: GitHubClients,
  credential: UserCredential,
  request: (client: GitHubClient) => Promise<Answer>,
): Promise<Answer> {
  let sent = "";
  const watched: Credential = {
    ...credential,
    token: async (signal) => {
      sent = "";
      sent = await credential.token(signal);
      return sent;
    },
  };
  const client = clients.for(watched);
  try {
    return await request(client);
  } catch (error) {
    if (!isGitHubSdkError(error, "reauth_required") || sent === "" || !(await credential.rejected(sent))) throw error;
    return request(client);
  }
}

import type { EnvironmentOptions } from "@infrajet/github";
import { createGitHubBox, type GitHubBoxServer } from "@infrajet/github-testing";

/** GitHub in a box, on which a host without GitHub credentials runs. */
export interface BoxedGitHub {
  readonly server: GitHubBoxServer;
  /** The SDK options for the box, equal to those that `GITHUB_…` variables would give. */
  readonly options: EnvironmentOptions;
  /** The user who is signed in on the box's pages. */
  readonly login: string;
  /** A repository to sync to, as `owner/name`. */
  readonly repository: string;
  /** Sets the host's URL as the target of callbacks and webhooks. */
  announce(endpoints: string): void;
  close(): Promise<void>;
}

const LOGIN = "ada";
const ORGANIZATION = "acme";
const WEBHOOK_SECRET = "the box and the host share this";

/** Starts GitHub in a box with a user, an organization, a repository, an OAuth App and a GitHub App. */
export async function startBoxedGitHub(): Promise<BoxedGitHub> {
  const box = await createGitHubBox();
  box.addUser({ login: LOGIN, name: "Ada Lovelace" });
  box.addOrganization({ login: ORGANIZATION, admins: [LOGIN] });
  const repository = await box.createRepository({ owner: LOGIN, name: "infrastructure", autoInit: true });
  box.control.signIn(LOGIN);
  const server = await box.listen();
  const oauth = box.addOAuthApp({ callbackUrls: [] });
  const app = box.addApp({
    name: "infrajet-demo",
    owner: ORGANIZATION,
    permissions: {
      administration: "write",
      contents: "write",
      members: "read",
      pull_requests: "write",
      workflows: "write",
    },
    events: ["push", "repository", "organization", "member"],
    requestsUserAuthorization: true,
    webhookSecret: WEBHOOK_SECRET,
  });
  return {
    server,
    login: LOGIN,
    repository: repository.fullName,
    options: {
      apiUrl: server.apiUrl,
      serverUrl: server.serverUrl,
      oauth: { clientId: oauth.clientId, clientSecret: oauth.clientSecret },
      app: {
        appId: app.id,
        slug: app.slug,
        privateKey: app.privateKey,
        clientId: app.clientId,
        clientSecret: app.clientSecret,
        webhookSecrets: [WEBHOOK_SECRET],
      },
    },
    announce: (endpoints) => {
      oauth.callbackUrls = [`${endpoints}/auth/callback`];
      app.callbackUrls = [`${endpoints}/auth/callback`];
      app.webhook.url = `${endpoints}/webhook`;
    },
    close: () => box.close(),
  };
}

import type { EnvironmentOptions } from "@infrajet/github";
import { createGitHubBox, type GitHubBoxServer } from "@infrajet/github-testing";

/** GitHub in a box that a host runs on while it has no credentials of the real one. */
export interface BoxedGitHub {
  readonly server: GitHubBoxServer;
  /** What the host is told of it, as `GITHUB_…` variables would. */
  readonly options: EnvironmentOptions;
  /** Whoever opens a page of it is this user. */
  readonly login: string;
  /** A repository to sync to, `owner/name`. */
  readonly repository: string;
  /** Tells the box where the host answers: callbacks and webhooks go there. */
  announce(endpoints: string): void;
  close(): Promise<void>;
}

const LOGIN = "ada";
const ORGANIZATION = "acme";
const WEBHOOK_SECRET = "the box and the host share this";

/** Starts a GitHub with a user, an organization, a repository, an OAuth App and a GitHub App. */
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

import { type BranchRule, createAzureFilesBox, createGitHubBox } from "@infrajet/github-testing";
import type { PrivateTexts } from "./anonymize.js";
import type { Service } from "./target.js";

/** A service with the private texts of its account. */
export interface OpenService {
  readonly service: Service;
  readonly texts: PrivateTexts;
  /** Releases what the service holds. */
  readonly close: () => Promise<void>;
}

/** The parts of a check that GitHub has been given credentials for. The box gets the same, so that both run the same steps. */
export interface BoxParts {
  readonly isOrganization: boolean;
  readonly hasOAuth: boolean;
  readonly hasApp: boolean;
  readonly hasAzure: boolean;
  readonly hasLimitedToken: boolean;
}

/** The parts of a check against another box. */
export const ALL_PARTS: BoxParts = {
  isOrganization: false,
  hasOAuth: true,
  hasApp: true,
  hasAzure: true,
  hasLimitedToken: true,
};

const LOGIN = "box-user";
const REDIRECT_URI = "http://127.0.0.1/callback";

/** Starts a box of GitHub and one of Azure Files, with an account for the check. */
export async function openBox(parts: BoxParts): Promise<OpenService> {
  const box = await createGitHubBox();
  const azure = await createAzureFilesBox();
  const server = await box.listen();
  await azure.listen();
  const token = box.addToken({ login: LOGIN, scopes: ["repo", "workflow", "delete_repo"] });
  const owner = parts.isOrganization ? box.addOrganization({ login: "box-org", admins: [LOGIN] }).login : LOGIN;
  const app = box.addApp({
    slug: "live-check",
    permissions: { contents: "write", metadata: "read", administration: "write" },
    callbackUrls: [REDIRECT_URI],
    webhookHandler: () => new Response(null, { status: 200 }),
  });
  const installation = box.install(app, { account: owner, by: LOGIN });
  const find = (branch: string, name: string): ReturnType<typeof box.repository> & object => {
    const repository = box.repository(owner, name);
    if (repository === undefined)
      throw new Error(`The box has no repository ${owner}/${name} with the branch ${branch}.`);
    return repository;
  };
  const service: Service = {
    name: "box",
    apiUrl: server.apiUrl,
    serverUrl: server.serverUrl,
    token,
    login: LOGIN,
    owner,
    limitedToken: parts.hasLimitedToken ? box.addToken({ login: LOGIN, scopes: ["repo"] }) : null,
    hasPushProtection: false,
    setRules: async (target, branch, rules) =>
      find(branch, target.repository).setRules(
        branch,
        rules.map((type): BranchRule => ({ type })),
      ),
    protect: async (target, branch, isOn) =>
      find(branch, target.repository).protect(
        branch,
        isOn ? { requiredPullRequestReviews: true } : { allowForcePushes: true, allowDeletions: true },
      ),
    oauth: parts.hasOAuth
      ? {
          clientId: app.clientId,
          clientSecret: app.clientSecret,
          redirectUri: REDIRECT_URI,
          authorize: async (url) => (await box.authorize(url, { login: LOGIN })).code,
        }
      : null,
    app: parts.hasApp ? { appId: app.id, privateKey: app.privateKey, installationId: installation.id } : null,
    azureConnection: parts.hasAzure ? azure.connectionString : null,
    writePauseMs: 0,
    pollMs: 10,
  };
  return {
    service,
    texts: {
      secrets: [token, app.clientSecret],
      names: new Map([
        [owner, "<owner>"],
        [LOGIN, "<login>"],
        [server.url, "<server>"],
        [new URL(server.url).host, "<host>"],
      ]),
    },
    close: async () => {
      await azure.close();
      await box.close();
    },
  };
}

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";
import type { Arguments } from "./arguments.js";
import type { BoxParts, OpenService } from "./box-service.js";
import type { AppAccess, OAuthAccess, Target } from "./target.js";
import { UsageError } from "./usage-error.js";

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

const userSchema = z.object({ login: z.string() });
const rulesetSchema = z.object({ id: z.number() });
const AUTHORIZATION_TIMEOUT_MS = 300_000;
const USER_TIMEOUT_MS = 30_000;

/** Reads the credentials of a check on GitHub and the user that they belong to. @throws UsageError naming the variable */
export async function openGitHub(
  env: Environment,
  { org }: Arguments,
  say: (line: string) => void,
): Promise<OpenService> {
  const token = env.GITHUB_TOKEN?.trim() ?? "";
  if (token === "") throw new UsageError("GITHUB_TOKEN is missing. Set it, or run with --against box.");
  const apiUrl = (env.GITHUB_API_URL ?? "https://api.github.com").replace(/\/$/, "");
  const serverUrl = (env.GITHUB_SERVER_URL ?? "https://github.com").replace(/\/$/, "");
  const login = await userOf(apiUrl, token);
  const owner = org ?? login;
  const oauth = oauthAccess(env, say);
  const app = appAccess(env);
  const azureConnection = env.AZURE_STORAGE_CONNECTION_STRING?.trim() || null;
  const limitedToken = env.LIVE_CHECK_LIMITED_TOKEN?.trim() || null;
  const rulesets = new Map<string, number>();
  return {
    service: {
      name: "github",
      apiUrl,
      serverUrl,
      token,
      login,
      owner,
      limitedToken,
      hasPushProtection: env.LIVE_CHECK_PUSH_PROTECTION === "1",
      setRules: (target, branch, rules) => setRules(target, rulesets, branch, rules),
      protect,
      oauth,
      app,
      azureConnection,
      writePauseMs: 1_000,
      pollMs: 1_000,
    },
    texts: {
      secrets: [
        token,
        limitedToken,
        oauth?.clientSecret,
        app?.privateKey,
        azureConnection,
        /AccountKey=([^;]+)/.exec(azureConnection ?? "")?.[1],
      ].filter((text): text is string => typeof text === "string" && text !== ""),
      names: new Map([
        [owner, "<owner>"],
        [login, "<login>"],
        [oauth?.clientId ?? "", "<client>"],
        [/AccountName=([^;]+)/.exec(azureConnection ?? "")?.[1] ?? "", "<account>"],
      ]),
    },
    close: async () => {},
  };
}

/** Returns the parts that the box needs to run the same steps as GitHub. */
export function partsOf({ service }: OpenService): BoxParts {
  return {
    isOrganization: service.owner !== service.login,
    hasOAuth: service.oauth !== null,
    hasApp: service.app !== null,
    hasAzure: service.azureConnection !== null,
    hasLimitedToken: service.limitedToken !== null,
  };
}

async function userOf(apiUrl: string, token: string): Promise<string> {
  const response = await fetch(`${apiUrl}/user`, {
    headers: { authorization: `Bearer ${token}`, "user-agent": "infrajet-live-check" },
    signal: AbortSignal.timeout(USER_TIMEOUT_MS),
  }).catch((error: unknown) => {
    throw new UsageError(`${apiUrl} is unreachable: ${String(error)}. Check GITHUB_API_URL and the network.`);
  });
  if (!response.ok) throw new UsageError(`GitHub rejected GITHUB_TOKEN (status ${response.status}). Create a new one.`);
  return userSchema.parse(await response.json()).login;
}

function appAccess(env: Environment): AppAccess | null {
  const { GITHUB_APP_ID, GITHUB_PRIVATE_KEY, GITHUB_INSTALLATION_ID } = env;
  if (GITHUB_APP_ID === undefined || GITHUB_PRIVATE_KEY === undefined || GITHUB_INSTALLATION_ID === undefined)
    return null;
  const [appId, installationId] = [Number(GITHUB_APP_ID), Number(GITHUB_INSTALLATION_ID)];
  if (!Number.isSafeInteger(appId) || !Number.isSafeInteger(installationId)) {
    throw new UsageError("GITHUB_APP_ID and GITHUB_INSTALLATION_ID must be numbers. Correct or unset them.");
  }
  return { appId, installationId, privateKey: GITHUB_PRIVATE_KEY };
}

/** The user opens each authorization URL in a browser, which comes back to a server on the loopback address. */
function oauthAccess(env: Environment, say: (line: string) => void): OAuthAccess | null {
  const { GITHUB_CLIENT_ID, GITHUB_CLIENT_SECRET } = env;
  if (GITHUB_CLIENT_ID === undefined || GITHUB_CLIENT_SECRET === undefined) return null;
  const redirectUri = "http://127.0.0.1:8790/callback";
  return {
    clientId: GITHUB_CLIENT_ID,
    clientSecret: GITHUB_CLIENT_SECRET,
    redirectUri,
    authorize: (url) => codeFromBrowser(url, redirectUri, say),
  };
}

function codeFromBrowser(url: string, redirectUri: string, say: (line: string) => void): Promise<string> {
  const expected = new URL(url).searchParams.get("state");
  return new Promise((resolve, reject) => {
    const server = createServer((request, response) => {
      const { searchParams } = new URL(request.url ?? "/", redirectUri);
      const isOurs = searchParams.get("state") === expected;
      response.writeHead(isOurs ? 200 : 400, { "content-type": "text/plain" });
      response.end(isOurs ? "Return to the terminal." : "This page expects a redirect from GitHub.");
      if (isOurs) settle(() => resolve(searchParams.get("code") ?? ""));
    });
    const timer = setTimeout(
      () => settle(() => reject(new Error("No authorization within five minutes."))),
      AUTHORIZATION_TIMEOUT_MS,
    );
    const settle = (done: () => void): void => {
      clearTimeout(timer);
      server.close(done);
      server.closeAllConnections();
    };
    server.once("error", (error) => settle(() => reject(error)));
    server.listen(Number(new URL(redirectUri).port), "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      say(`Open this URL in a browser (the App must allow http://127.0.0.1:${port}/callback):\n  ${url}`);
    });
  });
}

/** @see https://docs.github.com/rest/repos/rules#create-a-repository-ruleset */
async function setRules(
  target: Target,
  rulesets: Map<string, number>,
  branch: string,
  rules: readonly string[],
): Promise<void> {
  const at = `${target.at}/rulesets`;
  const present = rulesets.get(branch);
  if (present !== undefined) await target.withoutRecord("DELETE", `${at}/${present}`);
  rulesets.delete(branch);
  if (rules.length === 0) return;
  const conditions = { ref_name: { include: [`refs/heads/${branch}`], exclude: [] } };
  const body = {
    name: `live-check ${branch}`,
    target: "branch",
    enforcement: "active",
    conditions,
    rules: rules.map((type) => ({ type, ...(type === "pull_request" ? { parameters: REVIEWS } : {}) })),
  };
  rulesets.set(branch, rulesetSchema.parse(await target.withoutRecord("POST", at, body)).id);
}

const REVIEWS = {
  required_approving_review_count: 0,
  dismiss_stale_reviews_on_push: false,
  require_code_owner_review: false,
  require_last_push_approval: false,
  required_review_thread_resolution: false,
};

/** @see https://docs.github.com/rest/branches/branch-protection#update-branch-protection */
async function protect(target: Target, branch: string, isOn: boolean): Promise<void> {
  const at = `${target.at}/branches/${branch}/protection`;
  if (!isOn) await target.withoutRecord("DELETE", at);
  else {
    await target.withoutRecord("PUT", at, {
      required_pull_request_reviews: { required_approving_review_count: 1 },
      required_status_checks: null,
      enforce_admins: true,
      restrictions: null,
    });
  }
}

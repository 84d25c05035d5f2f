import { createDeviceFlow, type DeviceFlow, isGitHubSdkError, type Secret } from "@infrajet/github";
import type { Environment, GitHubAccess, RunAccess } from "./environment.js";
import { tokenPath } from "./state-path.js";
import { type KeptToken, TokenFile } from "./token-file.js";

/** The context in which a user signs in. */
export interface SignInContext {
  readonly env: Environment;
  readonly signal: AbortSignal;
  /** Prints a line for the user. */
  say(line: string): void;
}

// An OAuth App requests these scopes. A GitHub App has permissions instead.
const SCOPES = ["repo", "workflow"];
// Longer than a sync of a large project takes.
const MIN_LIFETIME_MS = 30 * 60_000;

/**
 * Returns the access of a run. Without a token, it takes the one of the last sign-in, refreshes it, or asks the user to sign in.
 *
 * @throws GitHubSdkError `authorization_denied`, `oauth_failed`, `oauth_misconfigured`, `github_unavailable`, `store_failed`; the
 * signal's reason
 */
export async function signIn({ credentials, ...access }: GitHubAccess, context: SignInContext): Promise<RunAccess> {
  if (credentials.kind !== "device") return { ...access, credentials };
  const { clientId } = credentials;
  const { env, signal } = context;
  const file = await TokenFile.open(tokenPath({ serverUrl: access.serverUrl, clientId }, env), signal);
  try {
    const flow = createDeviceFlow({ ...access, clientId, scopes: SCOPES, signal });
    const token = (await keptToken(flow, file)) ?? (await newToken(flow, file, context));
    return { ...access, credentials: { kind: "token", token } };
  } finally {
    await file.close();
  }
}

/** Returns the token of the last sign-in, refreshed when it is about to expire; `null` when GitHub no longer accepts it. */
async function keptToken(flow: DeviceFlow, file: TokenFile): Promise<Secret | null> {
  const kept = await file.read();
  if (kept === null) return null;
  if (isLasting(kept) && (await flow.accepts(kept.accessToken))) return kept.accessToken;
  if (kept.refreshToken === null) return null;
  try {
    const refreshed = await flow.refresh(kept.refreshToken);
    await file.write(refreshed);
    return refreshed.accessToken;
  } catch (error) {
    if (isGitHubSdkError(error, "reauth_required") || isGitHubSdkError(error, "oauth_misconfigured")) return null;
    throw error;
  }
}

function isLasting({ accessTokenExpiresAt, refreshToken }: KeptToken): boolean {
  if (accessTokenExpiresAt === null) return true;
  const needed = refreshToken === null ? 0 : MIN_LIFETIME_MS;
  return accessTokenExpiresAt.getTime() - Date.now() > needed;
}

async function newToken(flow: DeviceFlow, file: TokenFile, { say }: SignInContext): Promise<Secret> {
  const token = await flow.authorize({
    onCode: ({ userCode, verificationUri, expiresAt }) => {
      say("GITHUB_TOKEN is not set. To sign in to GitHub:");
      say(`  open ${verificationUri}`);
      say(`  enter the code ${userCode}`);
      say(`Waiting until ${expiresAt.toLocaleTimeString()} …`);
    },
  });
  await file.write(token);
  say(`Signed in. The token is kept in ${file.path}. Delete the file to sign in again.`);
  return token.accessToken;
}

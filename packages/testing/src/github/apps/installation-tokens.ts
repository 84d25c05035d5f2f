import { randomBytes } from "node:crypto";
import type { Permissions } from "../accounts/account.js";
import type { Credential } from "../accounts/credential.js";
import type { RepositoryIdentity } from "../accounts/reach.js";
import type { IdentitySettings } from "../control/identity-settings.js";
import { randomText } from "../random-text.js";
import type { BoxRepository } from "../repositories/repository.js";
import type { Installation } from "./installation.js";

/** Lifetime of an installation token in milliseconds. */
const LIFETIME = 60 * 60 * 1000;

/** The restrictions of an installation token. */
export interface Narrowing {
  /** Defaults to the permissions of the installation. */
  permissions?: Permissions;
  /** Defaults to the repositories of the installation. */
  repositories?: readonly BoxRepository[];
}

/** Creates the credential of a new installation token. Later changes of the installation apply to it immediately. */
export function installationCredential(
  installation: Installation,
  { permissions = installation.permissions, repositories }: Narrowing,
  { now, isStateless, isSeen }: { now: number; isStateless: boolean; isSeen: () => boolean },
): Credential {
  const ids = repositories === undefined ? undefined : new Set(repositories.map(({ id }) => id));
  const granted = { metadata: "read", ...permissions };
  const isReached = (repository: RepositoryIdentity): boolean =>
    installation.covers(repository) && (ids === undefined || ids.has(repository.id));
  return {
    token: isStateless ? statelessToken(installation, now) : `ghs_${randomText(36)}`,
    kind: "installation",
    account: installation.account,
    actor: installation.app.bot,
    installationId: installation.id,
    scopes: new Set(),
    permissions: granted,
    reach: {
      onRepository: (repository) => (isReached(repository) ? granted : undefined),
      onAccount: (account) => (account === installation.account ? granted : undefined),
    },
    expiresAt: now + LIFETIME,
    isSeen,
  };
}

/**
 * Creates a token of the format that GitHub uses since 2026: `ghs_APPID_JWT`, about 520 characters with dots, hyphens and
 * underscores. See GitHub's token formats in "About authentication to GitHub".
 */
function statelessToken({ id, app }: Installation, now: number): string {
  const seconds = Math.floor(now / 1000);
  const header = { alg: "RS256", kid: randomText(8), typ: "JWT" };
  const payload = { iss: "github", sub: `installation:${id}`, iat: seconds, exp: seconds + 3600, jti: randomText(22) };
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `ghs_${app.id}_${part(header)}.${part(payload)}.${randomBytes(200).toString("base64url")}`;
}

/** True when each wanted permission is granted at that level or a higher one. */
export function isSubset(wanted: Permissions, granted: Permissions): boolean {
  const rank = (level: string | undefined): number => ["read", "write", "admin"].indexOf(level ?? "");
  return Object.entries(wanted).every(([name, level]) => rank(level) >= 0 && rank(level) <= rank(granted[name]));
}

/** Returns a function that is false while GitHub's replicas do not know a new token: for a number of calls and milliseconds. */
export function replication(lag: IdentitySettings["tokenLag"], clock: () => number): () => boolean {
  const from = clock() + (lag.milliseconds ?? 0);
  let left = lag.requests ?? 0;
  return () => {
    const isSeen = left === 0 && clock() >= from;
    left = Math.max(0, left - 1);
    return isSeen;
  };
}

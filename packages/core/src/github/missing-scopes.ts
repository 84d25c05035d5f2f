import type { ErrorCode } from "../errors.js";
import type { ResponseHeaders } from "./github-client.js";

const NEEDED_SCOPES: Readonly<Partial<Record<ErrorCode, readonly string[]>>> = {
  repository_not_found: ["repo"],
  workflow_permission_missing: ["workflow"],
};

/**
 * Returns the scopes of which an OAuth token needs one and has none; empty when GitHub's headers do not tell.
 *
 * @see https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps
 */
export function missingScopesOf(code: ErrorCode, headers: ResponseHeaders): readonly string[] {
  const granted = scopesOf(headers["x-oauth-scopes"]);
  const accepted = code === "insufficient_permissions" ? scopesOf(headers["x-accepted-oauth-scopes"]) : [];
  const needed = NEEDED_SCOPES[code] ?? accepted;
  // Tokens of GitHub Apps have no scopes.
  return granted.length === 0 || needed.some((scope) => granted.includes(scope)) ? [] : needed;
}

/** Returns the sentence that an error message ends with; empty when no scope is missing. */
export function missingScopesText(scopes: readonly string[]): string {
  if (scopes.length === 0) return "";
  const names = scopes.map((scope) => `\`${scope}\``).join(", ");
  return ` The token does not have ${scopes.length === 1 ? "the scope" : "one of the scopes"} ${names}. Connect the account again and grant it.`;
}

function scopesOf(header: string | undefined): readonly string[] {
  return (header ?? "").split(/[\s,]+/).filter((scope) => scope !== "");
}

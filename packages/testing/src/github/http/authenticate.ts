import type { Accounts } from "../accounts/accounts.js";
import type { Credential } from "../accounts/credential.js";
import { announceSecret } from "../secret-channel.js";

/** The result of authentication: a valid token, no token, or an invalid one (`isBad`). */
export type Caller = { credential: Credential | undefined; isBad: boolean };

/** Authenticates a request by its `Authorization` header: `Bearer TOKEN`, `token TOKEN`, or for git `Basic` with any user name. */
export function authenticate(accounts: Accounts, header: string | null): Caller {
  const token = header === null ? undefined : tokenOf(header);
  if (token === undefined) return { credential: undefined, isBad: false };
  const known = accounts.credential(token);
  // Basic authentication encodes the token, so that a log could contain it in this form.
  if (known !== undefined && header !== null) announceSecret(header.trim().replace(/^\S+\s+/, ""));
  const credential = known?.isSeen?.() === false ? undefined : known;
  return { credential, isBad: credential === undefined };
}

function tokenOf(header: string): string | undefined {
  const [, scheme = "", value = ""] = /^(\S+)\s+(.+)$/.exec(header.trim()) ?? [];
  if (/^(bearer|token)$/i.test(scheme)) return value;
  if (!/^basic$/i.test(scheme)) return undefined;
  const decoded = Buffer.from(value, "base64").toString();
  const colon = decoded.indexOf(":");
  const user = colon === -1 ? decoded : decoded.slice(0, colon);
  const password = colon === -1 ? "" : decoded.slice(colon + 1);
  return password === "" || password === "x-oauth-basic" ? user : password;
}

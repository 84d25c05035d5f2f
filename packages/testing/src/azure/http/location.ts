import { AzureError } from "../azure-error.js";

/** What a request's address names. */
export interface Location {
  account: string;
  /** Empty for the account itself. */
  share: string;
  /** Decoded names below the share; none for the share and its root. */
  segments: string[];
  /** Where the account's shares are: `https://{account}.file.core.windows.net/`. */
  endpoint: string;
}

/**
 * Reads the address of a request: `https://{account}.file.{anything}/{share}/{path}`, or with the account first in the path
 * where the host is an IP address or `localhost`. There the box's account may be left out, as Azure's client does when it
 * renames. An encoded slash separates as a plain one does. Throws Azure's 400.
 */
export function locate(url: URL, boxAccount: string): Location {
  const [subdomain = "", service] = url.hostname.split(".");
  const names = decode(url.pathname)
    .split("/")
    .filter((name) => name !== "");
  const account = service === "file" ? subdomain : boxAccount;
  if (service !== "file" && names[0] === account) names.shift();
  const [share = "", ...segments] = names;
  return { account, share, segments, endpoint: service === "file" ? `${url.origin}/` : `${url.origin}/${account}/` };
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new AzureError("InvalidUri");
  }
}

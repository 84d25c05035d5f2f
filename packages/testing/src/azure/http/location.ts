import { AzureError } from "../azure-error.js";

/** The account, share and path that a URL names. */
export interface Location {
  account: string;
  /** Empty for the account itself. */
  share: string;
  /** Decoded path segments below the share; empty for the share and its root. */
  segments: string[];
  /** URL of the account, such as `https://{account}.file.core.windows.net/`. */
  endpoint: string;
}

/**
 * Parses the URL of a request: `https://{account}.file.{domain}/{share}/{path}`, or, for an IP address or `localhost`, a path
 * that begins with the account. There the account is optional, because Azure's client omits it in rename requests. An encoded
 * slash separates segments.
 *
 * @throws AzureError `InvalidUri`
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

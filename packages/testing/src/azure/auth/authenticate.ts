import type { Account } from "../account.js";
import { AzureError, invalidHeader } from "../azure-error.js";
import type { Location } from "../http/location.js";
import type { Operation } from "../http/operation.js";
import { has, requestVersion } from "../http/version.js";
import { authenticationFailed } from "./authentication-failed.js";
import { checkSas } from "./sas.js";
import { checkSharedKey } from "./shared-key.js";

const STORAGE = "https://storage.azure.com";

/** Sent with a 401: the address that issues tokens. */
const CHALLENGE = {
  "WWW-Authenticate":
    "Bearer authorization_uri=https://login.microsoftonline.com/00000000-0000-0000-0000-000000000000/oauth2/authorize resource_id=https://storage.azure.com",
};

/**
 * Checks that a request is allowed to perform an operation.
 *
 * @throws AzureError with status 400, 401 or 403 when it is not
 */
export function authenticate(
  account: Account,
  request: Request,
  location: Location,
  operation: Operation | undefined,
): void {
  const url = new URL(request.url);
  const authorization = request.headers.get("authorization");
  if (location.account !== account.name) throw new AzureError("InvalidAuthenticationInfo", { headers: CHALLENGE });
  if (authorization?.startsWith("Bearer ")) checkBearer(account, request, url, authorization.slice("Bearer ".length));
  else if (authorization !== null) checkSharedKey(account, request, authorization);
  else if (url.searchParams.has("sig")) checkSas(account, url, location, operation);
  else throw new AzureError("NoAuthenticationInformation", { headers: CHALLENGE });
}

/** @see https://learn.microsoft.com/rest/api/storageservices/authorize-with-azure-active-directory */
function checkBearer(account: Account, { headers }: Request, url: URL, token: string): void {
  const audience = account.bearerTokens.get(token);
  if (audience === undefined) throw new AzureError("InvalidAuthenticationInfo", { headers: CHALLENGE });
  if (![STORAGE, `https://${account.name}.file.core.windows.net`].includes(audience.replace(/\/$/, ""))) {
    throw authenticationFailed("Audience validation failed. Audience did not match.");
  }
  if (!headers.has("x-ms-version")) throw authenticationFailed("Unversioned authenticated access is not allowed.");
  if (!has(requestVersion(headers, url.searchParams), "bearerTokens")) {
    throw authenticationFailed("Authentication scheme Bearer is not supported in this version.");
  }
  const intent = headers.get("x-ms-file-request-intent");
  if (intent?.toLowerCase() !== "backup") throw invalidHeader("x-ms-file-request-intent", intent);
}

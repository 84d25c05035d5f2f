import type { Credential } from "../accounts/credential.js";
import { ApiError } from "../http/api-error.js";
import type { Call } from "../http/route.js";

/** Returns the caller's credential. Throws 401 without one. */
export function requireCredential(call: Call): Credential {
  if (call.credential === undefined) throw new ApiError(401, "Requires authentication");
  return call.credential;
}

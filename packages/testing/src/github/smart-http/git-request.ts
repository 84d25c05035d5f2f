import type { Credential } from "../accounts/credential.js";
import type { Addresses } from "../http/addresses.js";

/** A request of git's smart HTTP protocol. */
export interface GitRequest {
  request: Request;
  url: URL;
  credential: Credential | undefined;
  isBad: boolean;
  addresses: Addresses;
}

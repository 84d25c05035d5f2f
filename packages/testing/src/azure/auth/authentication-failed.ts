import { AzureError } from "../azure-error.js";

/** Creates the error for an invalid credential. `detail` becomes `AuthenticationErrorDetail`. */
export function authenticationFailed(detail: string): AzureError {
  return new AzureError("AuthenticationFailed", { elements: { AuthenticationErrorDetail: detail } });
}

import { AzureError } from "../azure-error.js";

/** A credential that is not right, and what is wrong with it. */
export function authenticationFailed(detail: string): AzureError {
  return new AzureError("AuthenticationFailed", { elements: { AuthenticationErrorDetail: detail } });
}

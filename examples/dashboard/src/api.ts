import { createGitHubClient, GitHubClientError } from "@infrajet/github-client";
import { signOut, token } from "./state/address.js";
import { notify } from "./state/notice.js";

/** The path of the endpoints. */
export const BASE_PATH = "/api/v1/github";

/** The documented endpoints. A response that the host did not authorize ends the session of this page. */
export const api = createGitHubClient({
  baseUrl: BASE_PATH,
  token: () => token.value ?? "",
  fetch: async (request) => {
    const response = await fetch(request);
    if (response.status === 401) {
      signOut();
      notify("bad", "The host rejected the token. It may have expired. Sign in again.");
    }
    return response;
  },
});

/** Returns the error of a call. */
export function failureOf(cause: unknown): GitHubClientError {
  if (cause instanceof GitHubClientError) return cause;
  return new GitHubClientError({ code: "unknown", detail: cause instanceof Error ? cause.message : String(cause) });
}

/** Returns the text of an error, with the invalid fields of the request. */
export function textOf({ detail, errors }: GitHubClientError): string {
  const fields = errors.filter(({ message }) => !detail.includes(message));
  return [detail, ...fields.map(({ field, message }) => `${field}: ${message}`)].join(" ");
}

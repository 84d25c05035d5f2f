import type { GitHubClientError, GitHubDoctor } from "@infrajet/github-client";
import { api, failureOf } from "../api.js";
import { resource } from "./resource.js";

/** Checks by their name. A value that begins with ✗ did not pass. */
export type Checks = Readonly<Record<string, string>>;

/** The checks of the host's GitHub App. */
export const health = resource((signal) => checksOf(api.getHealth({}, { signal })));

/** The checks of the host's own parts. */
export const readiness = resource((signal) => checksOf(api.getReady({}, { signal })));

/** The findings of the host's doctor, or the reason why this user may not read them. */
export const doctor = resource<GitHubDoctor | { readonly refused: GitHubClientError }>(async (signal) => {
  try {
    return await api.getDoctor({}, { signal });
  } catch (cause) {
    const error = failureOf(cause);
    if (error.status === 501 || error.status === 403) return { refused: error };
    throw cause;
  }
});

/** Reads checks also from the response 503, which reports that one of them did not pass. */
async function checksOf(pending: Promise<{ checks: object }>): Promise<Checks> {
  const found = await pending.catch((cause: unknown) => {
    const { body, status } = failureOf(cause);
    const { checks }: { checks?: unknown } = Object(body);
    if (status === 503 && typeof checks === "object" && checks !== null) return { checks };
    throw cause;
  });
  return Object.fromEntries(Object.entries(found.checks).filter(([, value]) => typeof value === "string"));
}

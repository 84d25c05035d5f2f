import { api, bodyOf, type Doctor, type RequestError } from "../api.js";
import { asRequestError, resource } from "./resource.js";

/** Checks by their name. A value that begins with ✗ did not pass. */
export type Checks = Readonly<Record<string, string>>;

/** The checks of the host's GitHub App. */
export const health = resource((signal) => checksOf(api.GET("/health", { signal })));

/** The checks of the host's own parts. */
export const readiness = resource((signal) => checksOf(api.GET("/ready", { signal })));

/** The findings of the host's doctor, or the reason why this user may not read them. */
export const doctor = resource<Doctor | { readonly refused: RequestError }>(async (signal) => {
  try {
    return await bodyOf(api.GET("/doctor", { signal }));
  } catch (cause) {
    const error = asRequestError(cause);
    if (error.status === 501 || error.status === 403) return { refused: error };
    throw cause;
  }
});

/** Reads checks also from the response 503, which tells that one of them did not pass. */
async function checksOf(pending: Promise<{ data?: unknown; error?: unknown; response: Response }>): Promise<Checks> {
  const answered = await pending.catch(() => null);
  const { checks }: { checks?: unknown } = Object(answered?.data ?? answered?.error);
  if (typeof checks !== "object" || checks === null) {
    const response = answered?.response ?? Response.error();
    return bodyOf(Promise.resolve({ error: answered?.error, response }));
  }
  return Object.fromEntries(Object.entries(checks).filter(([, value]) => typeof value === "string"));
}

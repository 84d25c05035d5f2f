import createClient from "openapi-fetch";
import type { components, paths } from "../generated/openapi.js";
import { signOut, token } from "./state/address.js";
import { notify } from "./state/notice.js";

type Schemas = components["schemas"];
export type Conflict = Schemas["GitHubSyncConflict"];
export type ConnectionStatus = Schemas["GitHubConnectionStatus"];
export type Doctor = Schemas["GitHubDoctor"];
export type Health = Schemas["GitHubAppHealth"];
export type Installation = Schemas["GitHubInstallation"];
export type Metrics = Schemas["GitHubSyncMetrics"];
export type Plan = Schemas["GitHubSyncPlan"];
export type PlannedChange = Schemas["GitHubPlannedChange"];
export type Progress = Schemas["GitHubSyncStatusUpdate"];
export type Repository = Schemas["GitHubRepository"];
export type SyncRecord = Schemas["GitHubSyncRecord"];
export type SyncRequest = Schemas["GitHubProjectSyncRequest"];
export type SyncResult = Schemas["GitHubSyncResponse"];

/** The path of the endpoints. */
export const BASE_PATH = "/api/v1/github";

/** The documented endpoints. */
export const api = createClient<paths>({ baseUrl: BASE_PATH, cache: "no-store" });
api.use({
  onRequest({ request }) {
    if (token.value !== null) request.headers.set("authorization", `Bearer ${token.value}`);
    return request;
  },
});

/** A response with an error status, or a request without a response. */
export class RequestError extends Error {
  /** The stable code of the error. */
  readonly code: string;
  /** The HTTP status; `null` without a response. */
  readonly status: number | null;

  constructor(message: string, code: string, status: number | null) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** Returns the body of a successful response. @throws RequestError */
export async function bodyOf<T>(pending: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const answer = await pending.catch((error: unknown) => {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new RequestError("The host is unreachable. Check that it runs, and try again.", "unreachable", null);
  });
  if (answer.response.ok && answer.data !== undefined) return answer.data;
  throw failureOf(answer.response, answer.error);
}

function failureOf(response: Response, body: unknown): RequestError {
  const { detail, code, errors }: { detail?: unknown; code?: unknown; errors?: unknown } = Object(body);
  if (response.status === 401) {
    signOut();
    notify("bad", "The host rejected the token. It may have expired. Sign in again.");
  }
  const fields = Array.isArray(errors) ? errors.map((error) => Object(error).message).filter(Boolean) : [];
  const message = typeof detail === "string" ? detail : `The host responded with the status ${response.status}.`;
  return new RequestError([message, ...fields].join(" "), typeof code === "string" ? code : "unknown", response.status);
}

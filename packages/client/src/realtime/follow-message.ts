import type { GitHubRealtimeMessage } from "../../generated/openapi.js";

/** A message about a followed project, or an `error` of the server. */
export type FollowMessage = Exclude<GitHubRealtimeMessage, { type: "heartbeat" }>;

/** The type of a {@link FollowMessage}. */
export type FollowMessageType = FollowMessage["type"];

/** A message of the server; `null` for a text that is not one. */
export function parseMessage(text: unknown): GitHubRealtimeMessage | null {
  if (typeof text !== "string") return null;
  try {
    const message: unknown = JSON.parse(text);
    return isMessage(message) ? message : null;
  } catch {
    return null;
  }
}

/** True for the envelope of a message. Its content is the server's, as in the responses of calls. */
function isMessage(message: unknown): message is GitHubRealtimeMessage {
  if (typeof message !== "object" || message === null) return false;
  const { type, data } = message as Readonly<Record<string, unknown>>;
  return typeof type === "string" && typeof data === "object" && data !== null;
}

/** The end of a sync. */
export type EndMessage = Extract<FollowMessage, { data: { completed_at: string | null } }>;

/** True for the end of a sync. */
export function isEnd(message: FollowMessage): message is EndMessage {
  return "completed_at" in message.data;
}

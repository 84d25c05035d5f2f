import * as z from "zod";
import { defined } from "../defined.js";
import { GitHubSdkError } from "../errors.js";
import { toWireMessage } from "../http/realtime-wire.js";
import { parseInput } from "../http/validation.js";
import type { RealtimeCommand, RealtimeMessage } from "../realtime/realtime-message.js";

const actions = { subscribe_project: "subscribe", unsubscribe: "unsubscribe", heartbeat: "heartbeat" } as const;

const envelope = z.object({
  action: z.enum(["subscribe_project", "unsubscribe", "heartbeat"]),
  data: z.unknown().optional(),
});
const projectCommand = z.object({ data: z.object({ project_id: z.string(), after: z.string().optional() }) });

/** Parses a client's message. @throws GitHubSdkError `malformed_request`; `validation_failed` that names the field */
export function parseCommand(text: string): RealtimeCommand {
  const message = parseObject(text);
  const action = actions[parseInput(envelope, message).action];
  if (action === "heartbeat") return { action };
  const { project_id: projectId, after } = parseInput(projectCommand, message).data;
  return action === "subscribe" ? { action, projectId, ...defined({ after }) } : { action, projectId };
}

/** Converts a message to its JSON text. @param now Epoch milliseconds. */
export function toMessageText(message: RealtimeMessage, now: number): string {
  return JSON.stringify(toWireMessage(message, now));
}

function parseObject(text: string): object {
  try {
    const message: unknown = JSON.parse(text);
    if (typeof message === "object" && message !== null) return message;
  } catch {
    // Reported below.
  }
  throw new GitHubSdkError("malformed_request", 'The message is not a JSON object such as {"action": "heartbeat"}.');
}

import { createRequire } from "node:module";
import { z } from "zod";
import type { WebhookPayload } from "../../src/webhooks/webhook-request.js";

const examplesSchema = z.array(z.object({ name: z.string(), examples: z.array(z.looseObject({})) }));

/** GitHub's example payloads: 329 recorded deliveries of 58 events. */
export const EXAMPLES: readonly { readonly name: string; readonly payload: WebhookPayload }[] = examplesSchema
  .parse(createRequire(import.meta.url)("@octokit/webhooks-examples"))
  .flatMap(({ name, examples }) => examples.map((payload) => ({ name, payload })));

/** Returns a copy of the first example of an event (and action), with some keys replaced. */
export function example(name: string, action: string | null, over: Readonly<Record<string, unknown>>): WebhookPayload {
  const found = EXAMPLES.find((each) => each.name === name && (action === null || each.payload.action === action));
  if (found === undefined) throw new Error(`There is no example of ${name} ${action}.`);
  return { ...structuredClone(found.payload), ...over };
}

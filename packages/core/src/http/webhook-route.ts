import { GitHubSdkError } from "../errors.js";
import { toWebhookResponse, webhookResponseSchema } from "./app-wire.js";
import type { HttpRequest } from "./http-message.js";
import { defineRoute } from "./route.js";

/** Where GitHub delivers webhooks. */
export const webhookRoute = defineRoute({
  method: "POST",
  path: "/webhook",
  operationId: "takeWebhook",
  tag: "GitHub App",
  summary: "Take a delivery of GitHub's",
  auth: "signature",
  input: {},
  response: webhookResponseSchema,
  errors: [413, 422],
  async handle({ sdk, request }) {
    return { body: toWebhookResponse(await sdk.webhooks.handle({ headers: request.headers, body: rawBody(request) })) };
  },
});

/** What is signed is the bytes. */
function rawBody({ body }: HttpRequest): Uint8Array | AsyncIterable<Uint8Array> {
  if (body.kind === "bytes") return body.bytes;
  throw new GitHubSdkError(
    "invalid_options",
    "A body parser of this host has read the webhook before, so that its signature cannot be verified. Mount the GitHub endpoints before the parser, or let it keep the bytes: express.json({ verify: (request, _response, bytes) => { request.rawBody = bytes; } }).",
  );
}

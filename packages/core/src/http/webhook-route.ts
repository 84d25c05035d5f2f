import { GitHubSdkError } from "../errors.js";
import { toWebhookResponse, webhookResponseSchema } from "./app-wire.js";
import { withReadingTimeout } from "./body-stream.js";
import { configuredApp } from "./configured-app.js";
import { defineRoute, type HandlerCall } from "./route.js";

/** Receives webhook deliveries from GitHub. */
export const webhookRoute = defineRoute({
  method: "POST",
  path: "/webhook",
  operationId: "takeWebhook",
  tag: "GitHub App",
  summary: "Receive a webhook delivery from GitHub",
  auth: "signature",
  input: {},
  response: webhookResponseSchema,
  statuses: [200, 202],
  errors: [408, 413, 422, 429, 501, 503],
  async handle(call) {
    const { sdk, request } = call;
    if (configuredApp(sdk) === null) {
      throw new GitHubSdkError("capability_not_configured", "This host has no GitHub App. Set the option `app`.");
    }
    const result = await sdk.webhooks.handle({ headers: request.headers, body: rawBody(call) });
    return { status: result.queued === true ? 202 : 200, body: toWebhookResponse(result) };
  },
});

/** The signature covers the raw bytes, so that a parsed body cannot be verified. */
function rawBody({
  sdk,
  settings,
  request: { body },
}: HandlerCall<"signature", object>): Uint8Array | AsyncIterable<Uint8Array> {
  if (body.kind === "bytes") {
    const { bytes } = body;
    if (ArrayBuffer.isView(bytes)) return bytes;
    return settings.unverifiedBytes.reading(withReadingTimeout(bytes, sdk.clock));
  }
  throw new GitHubSdkError(
    "invalid_options",
    "A body parser of this host consumed the webhook's body, so its signature cannot be verified. Mount the GitHub endpoints before the parser, or have it keep the bytes: express.json({ verify: (request, _response, bytes) => { request.rawBody = bytes; } }).",
  );
}

import { type EmitterWebhookEvent, type EmitterWebhookEventName, emitterEventNames } from "@octokit/webhooks";
import { GitHubSdkError } from "../errors.js";

/** The second argument of a webhook handler. */
export interface WebhookContext {
  /** Aborted when the time limit of the delivery is reached. */
  readonly signal: AbortSignal;
}

/** Handles deliveries of an event, such as `push` or `issues.opened`. */
export type WebhookHandler<Name extends EmitterWebhookEventName> = (
  event: EmitterWebhookEvent<Name>,
  context: WebhookContext,
) => unknown;

type AnyHandler = (event: never, context: WebhookContext) => unknown;

/** The webhook handlers of the host. */
export class WebhookHandlers {
  readonly #handlers = new Map<string, Set<AnyHandler>>();

  /** Adds a handler, and returns a function that removes it. @throws GitHubSdkError `validation_failed` for an unknown event */
  add<Name extends EmitterWebhookEventName>(name: Name, handler: WebhookHandler<Name>): () => void {
    if (!emitterEventNames.includes(name)) {
      throw new GitHubSdkError("validation_failed", `"${name}" is not a GitHub webhook event.`);
    }
    // A wrapper, since the same function may be added twice.
    const own: AnyHandler = (event, context) => handler(event, context);
    const handlers = this.#handlers.get(name) ?? new Set();
    this.#handlers.set(name, handlers.add(own));
    return () => void handlers.delete(own);
  }

  /** Returns the handlers of an event and of its action. */
  for(event: string, action: string | null): readonly AnyHandler[] {
    const ofEvent = this.#handlers.get(event) ?? [];
    const ofAction = action === null ? [] : (this.#handlers.get(`${event}.${action}`) ?? []);
    return [...ofEvent, ...ofAction];
  }
}

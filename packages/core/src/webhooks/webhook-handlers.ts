import { type EmitterWebhookEvent, type EmitterWebhookEventName, emitterEventNames } from "@octokit/webhooks";
import { GitHubSdkError } from "../errors.js";

/** What a handler is given besides the event. */
export interface WebhookContext {
  /** Aborted when the time for this delivery is over: GitHub does not wait longer. */
  readonly signal: AbortSignal;
}

/** Handles deliveries of an event, such as `push` or `issues.opened`. */
export type WebhookHandler<Name extends EmitterWebhookEventName> = (
  event: EmitterWebhookEvent<Name>,
  context: WebhookContext,
) => unknown;

type AnyHandler = (event: never, context: WebhookContext) => unknown;

/** The handlers of the host. */
export class WebhookHandlers {
  readonly #handlers = new Map<string, Set<AnyHandler>>();

  /** Adds a handler; gives back what takes it away. @throws GitHubSdkError `validation_failed` for an event that there is not */
  add<Name extends EmitterWebhookEventName>(name: Name, handler: WebhookHandler<Name>): () => void {
    if (!emitterEventNames.includes(name)) {
      throw new GitHubSdkError("validation_failed", `"${name}" is no webhook event of GitHub's.`);
    }
    // The same function may be given twice.
    const own: AnyHandler = (event, context) => handler(event, context);
    const handlers = this.#handlers.get(name) ?? new Set();
    this.#handlers.set(name, handlers.add(own));
    return () => void handlers.delete(own);
  }

  /** The handlers of an event and its action. */
  for(event: string, action: string | null): readonly AnyHandler[] {
    const ofEvent = this.#handlers.get(event) ?? [];
    const ofAction = action === null ? [] : (this.#handlers.get(`${event}.${action}`) ?? []);
    return [...ofEvent, ...ofAction];
  }
}

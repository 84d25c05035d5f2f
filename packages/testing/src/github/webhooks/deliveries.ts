import { randomUUID } from "node:crypto";
import type { Apps } from "../apps/apps.js";
import type { GitHubApp } from "../apps/github-app.js";
import type { DeliverySettings } from "../control/delivery-settings.js";
import type { DomainEvent } from "../domain-events.js";
import type { Addresses } from "../http/addresses.js";
import { idSequence } from "../ids.js";
import { type Delivery, deliveryHeaders, failure, type Message, send } from "./delivery.js";
import { type Recipient, recipientsOf } from "./recipients.js";
import { webhookPayload } from "./webhook-payload.js";

/** The parts of the box that deliveries use. */
interface DeliveriesContext {
  apps: Apps;
  deliverySettings: DeliverySettings;
  /** Milliseconds since the epoch. */
  clock: () => number;
  closing: AbortController;
  addresses: Addresses;
}

/**
 * Sends domain events to the webhooks of Apps. Each message is signed and sent once, in order and one at a time per App. Failed
 * deliveries are not retried.
 */
export class Deliveries {
  private readonly log: Delivery[] = [];
  private readonly pending = new Set<Promise<void>>();
  private readonly queues = new Map<GitHubApp, Promise<void>>();
  private readonly nextId = idSequence(73_000_000_001);

  constructor(private readonly box: DeliveriesContext) {}

  /** Sends an event to all Apps that receive it. */
  publish(domainEvent: DomainEvent): void {
    for (const recipient of recipientsOf(this.box.apps, domainEvent)) {
      const { url, handler } = recipient.app.webhook;
      if (url === "" && handler === undefined) continue;
      const payload = webhookPayload(domainEvent, recipient, this.box.addresses);
      this.box.deliverySettings.whenAllowed(() => {
        this.enqueue(recipient.app, async () => this.deliver(messageOf(domainEvent, recipient, await payload), false));
      });
    }
  }

  /** Returns the deliveries to an App, newest first. */
  of(app: GitHubApp): Delivery[] {
    return this.log.filter(({ message }) => message.app === app).reverse();
  }

  /** Sends a message again, with the same body and GUID. */
  redeliver({ message }: Delivery): void {
    this.enqueue(message.app, () => this.deliver(message, true));
  }

  /** Resolves when all deliveries have been sent, including those that deliveries cause. Held deliveries do not count. */
  async settled(): Promise<void> {
    while (this.pending.size > 0) await Promise.all(this.pending);
  }

  private enqueue(app: GitHubApp, work: () => Promise<void>): void {
    const before = this.queues.get(app) ?? Promise.resolve();
    // The payload of a push fails when its repository has been deleted in the meantime.
    const task = before.then(work).catch(() => undefined);
    this.queues.set(app, task);
    this.pending.add(task);
    void task.then(() => this.pending.delete(task));
  }

  private async deliver(message: Message, isRedelivery: boolean): Promise<void> {
    const { clock, closing, deliverySettings } = this.box;
    if (closing.signal.aborted) return;
    const fault = deliverySettings.take(message.event, message.action);
    const requestHeaders = deliveryHeaders(message);
    const { timeout } = deliverySettings;
    const begun = clock();
    const attempt = () => send(message, requestHeaders, { timeout, closing: closing.signal });
    const outcome = fault === "drop" ? failure("failed to connect to host", 502) : await attempt();
    if (fault === "duplicate") await attempt();
    const deliveredAt = clock();
    const duration = Math.round((deliveredAt - begun) / 10) / 100;
    this.log.push({ id: this.nextId(), message, isRedelivery, deliveredAt, duration, requestHeaders, outcome });
  }
}

function messageOf(
  domainEvent: DomainEvent,
  { app, installation }: Recipient,
  payload: Record<string, unknown>,
): Message {
  return {
    guid: randomUUID(),
    app,
    event: domainEvent.event,
    action: "action" in domainEvent ? domainEvent.action : null,
    // GitHub's log has no installation for `installation` events.
    installationId: domainEvent.event === "installation" ? null : (installation?.id ?? null),
    repositoryId: "repository" in domainEvent ? domainEvent.repository.id : null,
    body: JSON.stringify(payload),
  };
}

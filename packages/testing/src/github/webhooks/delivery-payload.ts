import { isoTime } from "../git/commit.js";
import type { Delivery } from "./delivery.js";

/** An attempt to deliver as lists show it. */
export function deliveryItem({
  id,
  message,
  isRedelivery,
  deliveredAt,
  duration,
  outcome,
}: Delivery): Record<string, unknown> {
  return {
    id,
    guid: message.guid,
    delivered_at: isoTime(Math.floor(deliveredAt / 1000)),
    redelivery: isRedelivery,
    duration,
    status: outcome.status,
    status_code: outcome.statusCode,
    event: message.event,
    action: message.action,
    installation_id: message.installationId,
    repository_id: message.repositoryId,
    throttled_at: null,
  };
}

/** An attempt to deliver with everything that was sent and answered. */
export function deliveryPayload(delivery: Delivery): Record<string, unknown> {
  const { message, requestHeaders, outcome } = delivery;
  const payload: unknown = JSON.parse(message.body);
  return {
    ...deliveryItem(delivery),
    url: message.app.webhook.url,
    request: { headers: requestHeaders, payload },
    response: { headers: outcome.headers, payload: outcome.body },
  };
}

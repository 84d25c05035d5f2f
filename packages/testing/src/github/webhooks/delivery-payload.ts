import { isoTime } from "../git/commit.js";
import type { Delivery } from "./delivery.js";

/** Returns a delivery as in lists. */
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

/** Returns a delivery with request and response. */
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

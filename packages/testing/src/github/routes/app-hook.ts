import { ApiError, notFound } from "../http/api-error.js";
import type { RestResponse, Route } from "../http/route.js";
import type { Delivery } from "../webhooks/delivery.js";
import { deliveryItem, deliveryPayload } from "../webhooks/delivery-payload.js";
import { type AppCall, appRoute } from "./app-route.js";
import { param } from "./repository-route.js";

/**
 * Routes for the webhook of an App and its deliveries.
 *
 * @see https://docs.github.com/rest/apps/webhooks
 */
export const appHookRoutes: readonly Route[] = [
  appRoute({
    method: "GET",
    template: "/app/hook/config",
    docs: "apps/webhooks#get-a-webhook-configuration-for-an-app",
    appHandler: ({ app }) => {
      const { url, secret } = app.webhook;
      const hidden = secret === undefined ? {} : { secret: "********" };
      return { status: 200, body: { content_type: "json", insecure_ssl: "0", url, ...hidden } };
    },
  }),
  appRoute({
    method: "GET",
    template: "/app/hook/deliveries",
    docs: "apps/webhooks#list-deliveries-for-an-app-webhook",
    appHandler: list,
  }),
  appRoute({
    method: "GET",
    template: "/app/hook/deliveries/{delivery_id}",
    docs: "apps/webhooks#get-a-delivery-for-an-app-webhook",
    appHandler: (call) => ({ status: 200, body: deliveryPayload(ownDelivery(call)) }),
  }),
  appRoute({
    method: "POST",
    template: "/app/hook/deliveries/{delivery_id}/attempts",
    docs: "apps/webhooks#redeliver-a-delivery-for-an-app-webhook",
    appHandler: (call) => {
      call.platform.deliveries.redeliver(ownDelivery(call));
      return { status: 202, body: {} };
    },
  }),
];

function ownDelivery(call: AppCall): Delivery {
  const id = param(call, "delivery_id");
  const found = call.platform.deliveries.of(call.app).find((delivery) => String(delivery.id) === id);
  if (found === undefined) throw notFound();
  return found;
}

/** Lists deliveries, newest first. The cursor is the last ID of the previous page, so that new deliveries do not shift pages. */
function list(call: AppCall): RestResponse {
  const { query, addresses, platform, app } = call;
  const [, after] = /^v1_(\d+)$/.exec(query.get("cursor") ?? "") ?? [];
  if (query.has("cursor") && after === undefined) throw new ApiError(422, "Invalid cursor");
  const wanted = query.get("status");
  const perPage = Math.min(Math.max(1, Number(query.get("per_page") ?? 30) || 30), 100);
  const all = platform.deliveries
    .of(app)
    .filter(({ outcome }) => wanted === null || (outcome.status === "OK") === (wanted === "success"))
    .filter(({ id }) => after === undefined || id < Number(after));
  const page = all.slice(0, perPage);
  const last = page.at(-1);
  const body = page.map(deliveryItem);
  if (last === undefined || page.length === all.length) return { status: 200, body };
  const next = new URLSearchParams(query);
  next.set("cursor", `v1_${last.id}`);
  return { status: 200, body, headers: { Link: `<${addresses.api}/app/hook/deliveries?${next}>; rel="next"` } };
}

import { appManifestRoutes } from "./app-manifest-routes.js";
import { appRoutes } from "./app-routes.js";
import { branchesRoute } from "./branches-route.js";
import { connectionRoutes } from "./connection-routes.js";
import { doctorRoute } from "./doctor-route.js";
import { eventsRoute } from "./events-route.js";
import { healthRoute } from "./health-route.js";
import { installationRepositoriesRoute } from "./installation-repositories-route.js";
import { liveRoute } from "./live-route.js";
import { readyRoute } from "./ready-route.js";
import { realtimeTicketRoute } from "./realtime-ticket-route.js";
import type { Route } from "./route.js";
import { syncLinkRoutes } from "./sync-link-routes.js";
import { syncRoutes } from "./sync-routes.js";
import { webhookRoute } from "./webhook-route.js";

/** All endpoints of the HTTP contract. */
export const routes: readonly Route[] = [
  ...connectionRoutes,
  branchesRoute,
  ...syncRoutes,
  ...syncLinkRoutes,
  ...appRoutes,
  installationRepositoriesRoute,
  ...appManifestRoutes,
  webhookRoute,
  eventsRoute,
  realtimeTicketRoute,
  healthRoute,
  liveRoute,
  readyRoute,
  doctorRoute,
];

export { withDashboard } from "./dashboard.js";
export { createHttpServer } from "./http-server.js";
export { frameworkError, NOT_FOUND } from "./json-error.js";
export type { Host } from "./open-host.js";
export { runHost } from "./run-host.js";
export { type HostServer, hostServer, portOf } from "./server.js";

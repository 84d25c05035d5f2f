export { type ConnectRequest, type Next, nodeHandler } from "./node-handler.js";
export { bodyOf, NodeRequest, type ReadBody, type RequestPlace } from "./node-request.js";
export { discardRest, sendResponse } from "./node-response.js";
export { refuseUpgrade } from "./refused-upgrade.js";
export { readableOf } from "./streamed-response.js";
export { listenForUpgrades, type UpgradeListener, type UpgradePath } from "./upgrade-listener.js";
export {
  type RealtimeLimits,
  type SessionHttp,
  WebSocketSessions,
  type WebSocketVisitor,
} from "./websocket-sessions.js";
export { type AttachedRealtime, attachRealtime, type RealtimeOptions } from "./websocket-upgrade.js";

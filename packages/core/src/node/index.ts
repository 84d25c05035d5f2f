export { discardRest, sendAnswer } from "./node-answer.js";
export { type ConnectRequest, type Next, nodeHandler } from "./node-handler.js";
export { bodyOf, NodeRequest, type ReadBody, type RequestPlace } from "./node-request.js";

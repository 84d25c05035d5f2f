export type { GitHubCalls } from "../generated/calls.js";
export type * from "../generated/openapi.js";
export type {
  BodyFields,
  Call,
  CallInput,
  CallOptions,
  CallOutput,
  DescribedOperation,
  MergedFields,
  PartFields,
} from "./call.js";
export type { GitHubClientOptions } from "./client-options.js";
export { createGitHubClient, type GitHubClient } from "./github-client.js";
export { GitHubClientError, type GitHubClientErrorProperties, type InvalidField } from "./github-client-error.js";
export type { Follow, FollowEvents, FollowOptions } from "./realtime/follow.js";
export type { FollowTransport } from "./realtime/follow-connection.js";
export type { FollowMessage, FollowMessageType } from "./realtime/follow-message.js";
export type { WebSocketClass, WebSocketLike } from "./realtime/web-socket-class.js";

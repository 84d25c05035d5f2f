export type { AppSetup, AuthorizeOperator, HostAppManifest, SaveApp } from "./app-setup.js";
export { matchBasePath } from "./base-path.js";
export type { ByteBudget } from "./body-stream.js";
export type { CallingUser } from "./calling-user.js";
export { errorResponse, type GitHubErrorBody } from "./error-response.js";
export { toErrorText } from "./error-text.js";
export { createGitHubHttp, type GitHubHttp } from "./github-http.js";
export { type HttpEnvironmentOptions, httpOptionsFromEnv } from "./http-environment.js";
export type { HttpRequest, HttpResponse, RequestBody, StreamedBody } from "./http-message.js";
export { type AuthorizeProject, DEFAULT_BASE_PATH, type GitHubHttpOptions, type HttpSettings } from "./http-options.js";
export type { JsonSchema } from "./json-schema.js";
export { type JwtAuthenticatorOptions, jwtAuthenticator } from "./jwt-authenticator.js";
export type { ManifestStates } from "./manifest-states.js";
export { type OpenApiDocument, openApiDocument } from "./openapi.js";
export type {
  HandlerCall,
  Input,
  InputSchemas,
  Route,
  RouteAuth,
  RouteCall,
  RouteDeclaration,
  RouteReply,
  RouteTag,
} from "./route.js";
export { type RouteSchemas, routeSchemas } from "./route-schemas.js";
export { routes } from "./routes.js";
export { type SupabaseAuthenticatorOptions, supabaseAuthenticator } from "./supabase-authenticator.js";
export { type GitHubSyncConflict, toConflictResponse } from "./sync-conflict-wire.js";
export type { GitHubSyncHistory, GitHubSyncRecord } from "./sync-history-wire.js";
export { type GitHubSyncPlan, toPlanResponse } from "./sync-plan-wire.js";
export type { GitHubSyncStatusUpdate } from "./sync-progress-wire.js";
export { type GitHubSyncResponse, toSyncResponse } from "./sync-wire.js";

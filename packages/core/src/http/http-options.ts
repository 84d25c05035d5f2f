import * as z from "zod";
import type { Authenticator } from "../adapters/authenticator.js";
import type { HostUser } from "../domain/host-user.js";
import { assertPathSegment } from "../domain/path-segment.js";
import { GitHubSdkError } from "../errors.js";
import type { GitHubSdk } from "../github-sdk.js";
import { issueText } from "../issue-text.js";
import {
  type AppSetup,
  type AuthorizeOperator,
  type HostAppManifest,
  resolveAppSetup,
  type SaveApp,
} from "./app-setup.js";
import { ByteBudget } from "./body-stream.js";
import type { CallingUser } from "./calling-user.js";

import { configuredRedirectUri } from "./configured-redirect-uri.js";
import { ManifestStates } from "./manifest-states.js";

/** Returns true when a user may use a project. With `false` the endpoints respond as if the project did not exist: 404. */
export type AuthorizeProject = (user: HostUser, projectId: string) => Promise<boolean> | boolean;

/** The options of the endpoints. Only `authenticator` is required. */
export interface GitHubHttpOptions {
  /** Authenticates requests. */
  readonly authenticator: Authenticator;
  /** Authorizes a user for a project. Defaults to the projects that the source of project files has for the user. */
  readonly authorizeProject?: AuthorizeProject;
  /**
   * Allows every user of the host to sync with the one credential of the SDK's `auth`. Defaults to false: the endpoints then
   * require that each user's own credential is used.
   */
  readonly sharedCredential?: boolean;
  /** The page to redirect the browser to after GitHub's redirect: a URL, or a path of this host. */
  readonly afterConnectUrl?: string;
  /** Seconds that a sync request waits for the sync to end, and the maximum that a client may ask for. Defaults to 25. */
  readonly syncWaitSeconds?: number;
  /** The path below which the endpoints are mounted, such as `/github` or `/t/:tenant/github`. Defaults to `/api/v1/github`. */
  readonly basePath?: string;
  /**
   * True to set the login cookie with `Secure`. Defaults to true when the SDK's `redirectUri` is https, also behind a proxy, and
   * for requests over HTTPS.
   */
  readonly secureCookie?: boolean;
  /**
   * The origins whose pages may open a WebSocket with cookies, such as `https://app.example`. Defaults to the host's own origin,
   * which is always allowed. A WebSocket with a token does not need it.
   */
  readonly allowedOrigins?: readonly string[];
  /**
   * True to respond with 404 to paths below the base path that are not endpoints, and to OPTIONS. Defaults to false: such requests
   * are passed on to the host.
   */
  readonly notFound?: boolean;
  /** The maximum number of open event streams and sockets of one user in this process. Defaults to 200. */
  readonly maxSocketsPerUser?: number;
  /**
   * Stores the credentials of a GitHub App that is created at `GET /app/manifest`. Requires `authorizeOperator`. Without it, the
   * page responds with 501.
   */
  readonly saveApp?: SaveApp;
  /** Authorizes operators of the host, who may use pages that are not for users. */
  readonly authorizeOperator?: AuthorizeOperator;
  /** The name, homepage and description of an App that is created at `GET /app/manifest`. Defaults to the host's origin as `url`. */
  readonly appManifest?: HostAppManifest;
  /**
   * The origin at which browsers and GitHub reach the host, such as `https://api.example`. Defaults to that of the SDK's
   * `redirectUri` if it is the endpoint `/auth/callback`, otherwise to the request's `Host`.
   */
  readonly publicUrl?: string;
  /** The maximum size of a JSON body in bytes. Defaults to 1 MiB. Webhooks have GitHub's own limit, 25 MB. */
  readonly bodyLimit?: number;
  /** The maximum size of a JSON body that contains files, in bytes. Defaults to 10 MiB. */
  readonly filesBodyLimit?: number;
}

/** Validated options with their defaults. */
export interface HttpSettings {
  readonly authenticator: Authenticator;
  readonly afterConnectUrl: string | null;
  readonly syncWaitSeconds: number;
  /** No trailing slash. */
  readonly basePath: string;
  /** `null`: true for requests over HTTPS. */
  readonly secureCookie: boolean | null;
  readonly allowedOrigins: readonly string[];
  readonly notFound: boolean;
  readonly maxSocketsPerUser: number;
  /** `null` when operators cannot create a GitHub App. */
  readonly appSetup: AppSetup | null;
  readonly manifestStates: ManifestStates;
  /** `null` for the origin of the request. */
  readonly publicUrl: string | null;
  readonly bodyLimit: number;
  readonly filesBodyLimit: number;
  /** The bytes of webhook bodies whose signature is not verified yet. */
  readonly unverifiedBytes: ByteBudget;
  /** Resolves when the user may use the project. @throws GitHubSdkError `project_not_found` */
  readonly requireProject: (user: CallingUser | null, projectId: unknown) => Promise<void>;
}

const MEBIBYTE = 1024 * 1024;
/** Four deliveries of the maximum size. */
const MAX_UNVERIFIED_BYTES = 100 * MEBIBYTE;

/** The default of {@link GitHubHttpOptions.basePath}. */
export const DEFAULT_BASE_PATH = "/api/v1/github";

const afterConnectUrl = z
  .string()
  .refine(
    (text) => /^\/(?![/\\])/.test(text) || /^https?:\/\//.test(text),
    "must be a URL that starts with https:// or http://, or a path of this host",
  )
  .refine((text) => URL.canParse(text, "http://host"), "is not a valid URL");

const scalars = z.object({
  sharedCredential: z.boolean().default(false),
  afterConnectUrl: afterConnectUrl.optional(),
  syncWaitSeconds: z.number().min(0).max(600).default(25),
  basePath: z
    .string()
    .regex(/^(\/:?[\w.~-]+)*\/?$/, 'must be a path such as "/api/v1/github"')
    .transform((path) => path.replace(/\/$/, ""))
    .default(DEFAULT_BASE_PATH),
  secureCookie: z.boolean().optional(),
  allowedOrigins: z
    .array(z.string().refine(isOrigin, "must be an origin such as https://app.example"))
    .max(1_000)
    .default([]),
  notFound: z.boolean().default(false),
  maxSocketsPerUser: z.int().min(1).default(200),
  publicUrl: z.string().refine(isOrigin, "must be an origin such as https://api.example").optional(),
  bodyLimit: z.int().min(1).default(MEBIBYTE),
  filesBodyLimit: z
    .int()
    .min(1)
    .default(10 * MEBIBYTE),
});

/** Validates options and applies their defaults. @throws GitHubSdkError `invalid_options` that names the option and how to fix it. */
export function resolveHttpOptions(sdk: GitHubSdk, options: GitHubHttpOptions): HttpSettings {
  const parsed = scalars.safeParse(options);
  if (!parsed.success) {
    throw invalid(`${issueText(parsed.error.issues, "options")}.`);
  }
  if (typeof options.authenticator?.authenticate !== "function") {
    throw invalid(
      "authenticator is missing. Pass jwtAuthenticator({ … }), supabaseAuthenticator({ … }) or an object with an authenticate method.",
    );
  }
  const { sharedCredential, ...rest } = parsed.data;
  const { afterConnectUrl = null, secureCookie = redirectsToHttps(sdk) ? true : null, publicUrl = null } = rest;
  if (sdk.hasSharedCredential && !sharedCredential) {
    throw invalid(
      "The SDK's `auth` is one credential, so every user of the endpoints would get its access to repositories. Remove `auth` so that users connect their own accounts, set it to a function of the user, or allow it with `sharedCredential: true`.",
    );
  }
  const authorizeProject = options.authorizeProject ?? ownProjects(sdk);
  return {
    ...rest,
    unverifiedBytes: new ByteBudget(MAX_UNVERIFIED_BYTES),
    afterConnectUrl,
    secureCookie,
    publicUrl,
    appSetup: resolveAppSetup(options),
    manifestStates: new ManifestStates(sdk.clock),
    authenticator: options.authenticator,
    requireProject: async (user, projectId) => {
      if (user === null || typeof projectId !== "string") throw projectNotFound();
      assertPathSegment(projectId, "project_id");
      if (!(await authorizeProject(user.host, projectId))) throw projectNotFound();
    },
  };
}

/** Browsers reach the callback over HTTPS then, even when a proxy forwards plain HTTP to this process. */
function redirectsToHttps(sdk: GitHubSdk): boolean {
  return configuredRedirectUri(sdk)?.startsWith("https://") ?? false;
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

/** A project belongs to a user when the user's project files contain it, or contained it when it was synced. */
function ownProjects(sdk: GitHubSdk): AuthorizeProject {
  return ({ id }, projectId) => sdk.sync.knowsProject({ userId: String(id), projectId });
}

function projectNotFound(): GitHubSdkError {
  return new GitHubSdkError("project_not_found", "Project not found.");
}

function invalid(problems: string): GitHubSdkError {
  return new GitHubSdkError("invalid_options", `The options of the endpoints are not valid. ${problems}`);
}

import { z } from "zod";
import type { Authenticator } from "../adapters/authenticator.js";
import type { HostUser } from "../domain/host-user.js";
import { assertPathSegment } from "../domain/path-segment.js";
import { GitHubSdkError } from "../errors.js";
import { issueText } from "../issue-text.js";
import type { GitHubSdk } from "../sdk.js";
import type { CallingUser } from "./calling-user.js";

/** Tells whether a user may work with a project. `false` is answered like a project that is not there: 404. */
export type AuthorizeProject = (user: HostUser, projectId: string) => Promise<boolean> | boolean;

/** How the endpoints behave. Only `authenticator` has to be given. */
export interface GitHubHttpOptions {
  /** Tells who sent a request. */
  readonly authenticator: Authenticator;
  /** Whether a user may work with a project: unless told, where the user's own folder of projects has it. */
  readonly authorizeProject?: AuthorizeProject;
  /** Where the browser goes after it came back from GitHub: a URL, or a path of this host. */
  readonly afterConnectUrl?: string;
  /** Seconds that a request for a sync waits for its end, and the most that a client may ask for: 25 unless told. */
  readonly syncWaitSeconds?: number;
  /** Where the endpoints are: `/api/v1/github` unless told. */
  readonly basePath?: string;
  /** Whether browsers get the login's cookie for HTTPS only; unless told, where the request came over HTTPS. */
  readonly secureCookie?: boolean;
  /** Bytes that the JSON body of a request may have: 10 MiB unless told. Webhooks have GitHub's own limit, 25 MB. */
  readonly bodyLimit?: number;
}

/** Options that were checked, with their defaults. */
export interface HttpSettings {
  readonly authenticator: Authenticator;
  readonly afterConnectUrl: string | null;
  readonly syncWaitSeconds: number;
  /** Without a slash at its end. */
  readonly basePath: string;
  /** `null`: as the request came. */
  readonly secureCookie: boolean | null;
  readonly bodyLimit: number;
  /** Passes when the user may work with the project. @throws GitHubSdkError `project_not_found` */
  readonly requireProject: (user: CallingUser | null, projectId: unknown) => Promise<void>;
}

/** Where the endpoints are unless the host says otherwise. */
export const DEFAULT_BASE_PATH = "/api/v1/github";

const afterConnectUrl = z
  .string()
  .refine(
    (text) => /^\/(?![/\\])/.test(text) || /^https?:\/\//.test(text),
    "has to be a URL that begins with https:// or http://, or a path of this host",
  )
  .refine((text) => URL.canParse(text, "http://host"), "is no URL");

const scalars = z.object({
  afterConnectUrl: afterConnectUrl.optional(),
  syncWaitSeconds: z.number().min(0).max(600).default(25),
  basePath: z
    .string()
    .regex(/^(\/[\w.~-]+)*\/?$/, 'has to be a path such as "/api/v1/github"')
    .transform((path) => path.replace(/\/$/, ""))
    .default(DEFAULT_BASE_PATH),
  secureCookie: z.boolean().optional(),
  bodyLimit: z
    .int()
    .min(1)
    .default(10 * 1024 * 1024),
});

/** Checks options and fills in their defaults. @throws GitHubSdkError `invalid_options` naming the option and the mend. */
export function resolveHttpOptions(sdk: GitHubSdk, options: GitHubHttpOptions): HttpSettings {
  const parsed = scalars.safeParse(options);
  if (!parsed.success) {
    throw invalid(`${issueText(parsed.error.issues, "options")}.`);
  }
  if (typeof options.authenticator?.authenticate !== "function") {
    throw invalid("authenticator is missing: give supabaseAuthenticator({ … }), or { authenticate } of your own.");
  }
  const { afterConnectUrl = null, secureCookie = null, ...rest } = parsed.data;
  const authorizeProject = options.authorizeProject ?? ownProjects(sdk);
  return {
    ...rest,
    afterConnectUrl,
    secureCookie,
    authenticator: options.authenticator,
    requireProject: async (user, projectId) => {
      if (user === null || typeof projectId !== "string") throw projectNotFound();
      assertPathSegment(projectId, "project_id");
      if (!(await authorizeProject(user.host, projectId))) throw projectNotFound();
    },
  };
}

/** A project is a user's when the user's own folder has it, or had it when it was synced. */
function ownProjects(sdk: GitHubSdk): AuthorizeProject {
  return ({ id }, projectId) => sdk.sync.knowsProject({ userId: String(id), projectId });
}

function projectNotFound(): GitHubSdkError {
  return new GitHubSdkError("project_not_found", "There is no such project.");
}

function invalid(words: string): GitHubSdkError {
  return new GitHubSdkError("invalid_options", `The options of the endpoints are not valid. ${words}`);
}

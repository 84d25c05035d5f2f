import * as z from "zod";
import type { SignJwt } from "./app/app-jwt.js";
import { RATE_LIMIT_DEADLINE_MS } from "./domain/sync-record.js";
import { cleanIdentity } from "./git/commit.js";
import { withoutTrailingSlash } from "./github/web-address.js";
import type { SignCommit } from "./repository/sign-commit.js";
import { syncUrlTemplate } from "./sync/run/sync-url.js";

const webUrl = z
  .url({ protocol: /^https?$/, error: "must be a URL that begins with https:// or http://" })
  .transform(withoutTrailingSlash);
const scope = z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/, "is not a valid scope (RFC 6749, 3.3)");
const client = { clientId: z.string().min(1), clientSecret: z.string().min(1) };

const commitText = z
  .string()
  .refine((text) => cleanIdentity(text) !== "", "contains no characters that git allows in an author name");

/** The options that are plain values, with their defaults. */
export const optionsSchema = z.object({
  apiUrl: webUrl.default("https://api.github.com"),
  serverUrl: webUrl.optional(),
  redirectUri: webUrl.optional(),
  oauth: z.object({ ...client, scopes: z.array(scope).max(50).optional() }).optional(),
  app: z
    .object({
      appId: z.int().positive(),
      slug: z.string().min(1).optional(),
      privateKey: z.string().min(1).optional(),
      signJwt: z.custom<SignJwt>((value) => typeof value === "function", "must be a function").optional(),
      clientId: client.clientId.optional(),
      clientSecret: client.clientSecret.optional(),
      webhookSecrets: z.array(z.string().min(1)).optional(),
      allowUnsignedWebhooks: z.boolean().default(false),
      installationMembers: z.enum(["owners", "repository"]).default("owners"),
    })
    .refine((app) => (app.clientId === undefined) === (app.clientSecret === undefined), {
      message: "clientId and clientSecret must be set together",
    })
    .refine((app) => app.privateKey !== undefined || app.signJwt !== undefined, {
      path: ["privateKey"],
      message: "is missing. Set it, or set signJwt",
    })
    .refine((app) => app.privateKey === undefined || app.signJwt === undefined, {
      path: ["signJwt"],
      message: "cannot be combined with privateKey. Remove one of them",
    })
    .optional(),
  webhooks: z.object({ inline: z.boolean().default(false), sweep: z.boolean().default(true) }).prefault({}),
  encryptionKeys: z.string().min(1).optional(),
  requestTimeoutMs: z.int().min(1_000).max(600_000).default(60_000),
  maxRateLimitWaitMs: z.int().min(0).default(60_000),
  retryPauseMs: z.int().min(0).default(1_000),
  maxPendingSyncs: z.int().min(1).default(100),
  perUser: z.int().min(1).optional(),
  rateLimitDeadlineMs: z.int().min(0).default(RATE_LIMIT_DEADLINE_MS),
  commitAuthor: z.object({ name: commitText, email: commitText }).optional(),
  protectedBranch: z.enum(["fail", "pull_request"]).default("fail"),
  syncUrl: syncUrlTemplate.optional(),
  signCommit: z.custom<SignCommit>((value) => typeof value === "function", "must be a function").optional(),
});

/** The parsed values of {@link optionsSchema}. */
export type ParsedOptions = z.infer<typeof optionsSchema>;

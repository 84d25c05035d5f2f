import { randomBytes, randomUUID } from "node:crypto";
import * as z from "zod";
import { announceSecret } from "../secret-channel.js";
import type { GitHubApp } from "./github-app.js";

/**
 * The manifest of a GitHub App, from which a user creates the App.
 *
 * @see https://docs.github.com/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
 */
export const appManifest = z.object({
  name: z.string().optional(),
  url: z.url(),
  hook_attributes: z.object({ url: z.url(), active: z.boolean().default(true) }).optional(),
  redirect_url: z.url().optional(),
  callback_urls: z.array(z.url()).max(10).default([]),
  setup_url: z.url().optional(),
  description: z.string().optional(),
  public: z.boolean().default(false),
  default_events: z.array(z.string()).default([]),
  default_permissions: z.record(z.string(), z.enum(["read", "write", "admin"])).default({}),
  request_oauth_on_install: z.boolean().default(false),
  setup_on_update: z.boolean().default(false),
});

type AppManifest = z.infer<typeof appManifest>;

/** A manifest that a user has not decided on. */
export interface ManifestDraft {
  manifest: AppManifest;
  /** Sent back with the code. */
  state: string | null;
}

/** Lifetime of a code in milliseconds. */
const LIFETIME = 60 * 60 * 1000;

/** Manifests that wait for the decision of a user, and codes for the secrets of created Apps. A code works once, for one hour. */
export class AppManifests {
  private readonly drafts = new Map<string, ManifestDraft>();
  private readonly codes = new Map<string, { app: GitHubApp; expiresAt: number }>();

  constructor(private readonly clock: () => number) {}

  /** Stores a manifest until a user has decided. Returns its ID. */
  addDraft(draft: ManifestDraft): string {
    const id = randomUUID();
    this.drafts.set(id, draft);
    return id;
  }

  /** Returns the manifest with an ID. */
  findDraft(id: string): ManifestDraft | undefined {
    return this.drafts.get(id);
  }

  /** Forgets a manifest. */
  removeDraft(id: string): void {
    this.drafts.delete(id);
  }

  /** Issues a code for the secrets of an App. */
  issueCode(app: GitHubApp): string {
    const code = announceSecret(randomBytes(20).toString("hex"));
    this.codes.set(code, { app, expiresAt: this.clock() + LIFETIME });
    return code;
  }

  /** Uses a code up. Returns its App, or `undefined` when the code is unknown or has expired. */
  useCode(code: string): GitHubApp | undefined {
    const entry = this.codes.get(code);
    this.codes.delete(code);
    return entry === undefined || entry.expiresAt <= this.clock() ? undefined : entry.app;
  }
}

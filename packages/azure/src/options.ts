import { type Clock, systemClock } from "@infrajet/github/adapters";
import { GitHubSdkError, isGitHubSdkError } from "@infrajet/github/errors";
import { z } from "zod";
import { assertAzureId } from "./azure-name.js";
import type { RequestPolicy } from "./azure-requests.js";
import type { GenerationOrder, ProjectLayout } from "./layout.js";
import type { ShareAccess } from "./share-access.js";

/** Where the projects lie in the storage account, and how they are read. */
export interface AzureProjectFilesSettings {
  readonly shareName: string;
  /** The directory of all projects, segments parted by `/`; the share's root unless told. */
  readonly baseDirectory?: string;
  /** `project` unless told. */
  readonly layout?: ProjectLayout;
  /** What makes a generation the newest, with the layout `latest-generation`; `name` unless told. */
  readonly generationOrder?: GenerationOrder;
  /**
   * Reads each project from a snapshot of the share that is taken when a sync begins and deleted when it ends: what is read
   * is of one moment, whoever writes meanwhile. Needs the permission to create and delete snapshots. `false` unless told.
   */
  readonly snapshot?: boolean;
  /**
   * Seconds that a file needs to settle: one that was written to in that time is read again at the next sync, whatever its
   * etag. For shares that are mounted over SMB, where writers may be ahead of the etag; 0 unless told.
   */
  readonly settling?: number;
  /** Milliseconds that an answer, or the next piece of a content, may take; 30,000 unless told. */
  readonly requestTimeout?: number;
  /** How often a request is sent until its failure counts; 5 unless told. */
  readonly maxTries?: number;
  /** Milliseconds before a request is sent a second time; doubles from try to try. 500 unless told. */
  readonly retryPause?: number;
  /** The system's unless told. */
  readonly clock?: Clock;
}

/** What `azureProjectFiles` is made from. */
export type AzureProjectFilesOptions = ShareAccess & AzureProjectFilesSettings;

/** Settings that were checked, with their defaults. */
export interface ResolvedSettings extends RequestPolicy {
  readonly shareName: string;
  /** Segments parted by `/`; empty for the share's root. */
  readonly baseDirectory: string;
  readonly layout: ProjectLayout;
  readonly generationOrder: GenerationOrder;
  readonly snapshot: boolean;
  readonly settling: number;
}

const scalars = z.object({
  // https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-shares--directories--files--and-metadata#share-names
  shareName: z.string().regex(/^(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/, {
    message: "a share's name has 3 to 63 lower-case letters, digits and single hyphens",
  }),
  baseDirectory: z.string().default(""),
  layout: z
    .custom<ProjectLayout>(isLayout, { message: 'give "project", "latest-generation" or a function' })
    .optional(),
  generationOrder: z.enum(["name", "time"]).default("name"),
  snapshot: z.boolean().default(false),
  settling: z.number().min(0).max(3_600).default(0),
  requestTimeout: z.int().min(1).max(600_000).default(30_000),
  maxTries: z.int().min(1).max(20).default(5),
  retryPause: z.int().min(0).max(30_000).default(500),
});

/** Checks settings and fills in their defaults. @throws GitHubSdkError `invalid_options` naming the option and the mend. */
export function resolveSettings(settings: AzureProjectFilesSettings): ResolvedSettings {
  const parsed = scalars.safeParse(settings);
  if (!parsed.success) {
    const words = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
    throw new GitHubSdkError("invalid_options", `${words}.`);
  }
  const { layout = "project", ...rest } = parsed.data;
  assertBaseDirectory(rest.baseDirectory);
  return { ...rest, layout, clock: settings.clock ?? systemClock };
}

function assertBaseDirectory(baseDirectory: string): void {
  if (baseDirectory === "") return;
  try {
    for (const segment of baseDirectory.split("/")) assertAzureId(segment, "baseDirectory: a segment of it");
  } catch (error) {
    throw isGitHubSdkError(error) ? new GitHubSdkError("invalid_options", error.message) : error;
  }
}

function isLayout(value: unknown): boolean {
  return value === "project" || value === "latest-generation" || typeof value === "function";
}

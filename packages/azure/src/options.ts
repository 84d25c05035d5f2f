import { type Clock, issueText, systemClock } from "@infrajet/github/adapters";
import { GitHubSdkError, isGitHubSdkError } from "@infrajet/github/errors";
import * as z from "zod";
import { assertAzureId } from "./azure-name.js";
import type { RequestPolicy } from "./azure-requests.js";
import type { GenerationOrder, ProjectLayout } from "./layout.js";
import type { ShareAccess } from "./share-access.js";

/** Settings of {@link azureProjectFiles} apart from the access to the storage account. */
export interface AzureProjectFilesSettings {
  readonly shareName: string;
  /** The directory of all projects, with `/` as separator. Defaults to the root of the share. */
  readonly baseDirectory?: string;
  /** The directory of each project. Defaults to `project`. */
  readonly layout?: ProjectLayout;
  /** The order of generations with the layout `latest-generation`. Defaults to `name`. */
  readonly generationOrder?: GenerationOrder;
  /**
   * Reads each project from a snapshot of the share, so that concurrent writes do not affect a sync. The snapshot is created
   * when a sync starts and deleted when it ends. Requires the permission to create and delete snapshots. Defaults to `false`.
   */
  readonly snapshot?: boolean;
  /**
   * Seconds after a write in which a file's etag is not trusted: the next sync reads the file again. For shares that are
   * mounted over SMB, where the etag may not change until a writer closes the file. Defaults to `0`.
   */
  readonly quietPeriodSeconds?: number;
  /** Milliseconds that a response or the next chunk of a file may take. Defaults to `30_000`. */
  readonly requestTimeoutMs?: number;
  /** The maximum number of tries of a request. Defaults to `5`. */
  readonly maxTries?: number;
  /** Milliseconds before the second try of a request. Doubles with each try. Defaults to `500`. */
  readonly retryPauseMs?: number;
  /** Defaults to the system's clock. */
  readonly clock?: Clock;
}

/** Options of {@link azureProjectFiles}. */
export type AzureProjectFilesOptions = ShareAccess & AzureProjectFilesSettings;

/** Validated settings with defaults. */
export interface ResolvedSettings extends RequestPolicy {
  readonly shareName: string;
  /** A path with `/` as separator; empty for the root of the share. */
  readonly baseDirectory: string;
  readonly layout: ProjectLayout;
  readonly generationOrder: GenerationOrder;
  readonly snapshot: boolean;
  readonly quietPeriodSeconds: number;
}

const scalars = z.object({
  // https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-shares--directories--files--and-metadata#share-names
  shareName: z.string().regex(/^(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/, {
    message: "must be a share name of 3 to 63 lower-case letters, digits and single hyphens",
  }),
  baseDirectory: z.string().default(""),
  layout: z
    .custom<ProjectLayout>(isLayout, { message: 'must be "project", "latest-generation" or a function' })
    .optional(),
  generationOrder: z.enum(["name", "time"]).default("name"),
  snapshot: z.boolean().default(false),
  quietPeriodSeconds: z.number().min(0).max(3_600).default(0),
  requestTimeoutMs: z.int().min(1).max(600_000).default(30_000),
  maxTries: z.int().min(1).max(20).default(5),
  retryPauseMs: z.int().min(0).max(30_000).default(500),
});

/** Validates settings and adds defaults. @throws GitHubSdkError `invalid_options` when one is invalid; the message names it */
export function resolveSettings(settings: AzureProjectFilesSettings): ResolvedSettings {
  const parsed = scalars.safeParse(settings);
  if (!parsed.success) {
    throw new GitHubSdkError("invalid_options", `${issueText(parsed.error.issues, "settings")}.`);
  }
  const { layout = "project", ...rest } = parsed.data;
  assertBaseDirectory(rest.baseDirectory);
  return { ...rest, layout, clock: settings.clock ?? systemClock };
}

function assertBaseDirectory(baseDirectory: string): void {
  if (baseDirectory === "") return;
  try {
    for (const segment of baseDirectory.split("/")) assertAzureId(segment, "baseDirectory: a segment");
  } catch (error) {
    throw isGitHubSdkError(error) ? new GitHubSdkError("invalid_options", error.message) : error;
  }
}

function isLayout(value: unknown): boolean {
  return value === "project" || value === "latest-generation" || typeof value === "function";
}

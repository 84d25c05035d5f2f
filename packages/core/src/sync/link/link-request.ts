import * as z from "zod";
import { GitHubSdkError } from "../../errors.js";
import { fieldErrors, issueText } from "../../issue-text.js";
import type { SyncRequest } from "../sync-request.js";

/**
 * The request for a link: the fields of the syncs that it starts, without `filePaths` and `priority`. `direction` defaults to `two_way` and
 * `onConflict` to `skip`, so that one conflict does not hold up all other files.
 */
export interface LinkRequest extends Omit<SyncRequest, "filePaths" | "priority"> {
  /** Starts a sync each time that the branch moves. Defaults to true. */
  readonly auto?: boolean;
}

/** A link to remove: its project, repository and branch. */
export interface UnlinkRequest extends Pick<SyncRequest, "project" | "repository"> {
  /** Defaults to `main`. */
  readonly branch?: string;
}

const linkFields = z.looseObject({
  auto: z.boolean().default(true),
  filePaths: z.undefined({ error: "cannot be set for a link, which syncs all files" }).optional(),
});

/** Splits a request into the request of its syncs and the link's own field. @throws GitHubSdkError `validation_failed` */
export function splitLinkRequest({ auto, ...sync }: LinkRequest): {
  readonly sync: SyncRequest;
  readonly auto: boolean;
} {
  const parsed = linkFields.safeParse({ auto, ...("filePaths" in sync ? { filePaths: sync.filePaths } : {}) });
  if (!parsed.success) {
    const { issues } = parsed.error;
    throw new GitHubSdkError("validation_failed", `The link request is not valid. ${issueText(issues, "request")}.`, {
      details: { errors: fieldErrors(issues) },
    });
  }
  const { direction = "two_way", onConflict = "skip" } = sync;
  return { sync: { ...sync, direction, onConflict }, auto: parsed.data.auto };
}

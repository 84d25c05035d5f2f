import { GitHubSdkError } from "../errors.js";
import type { SyncOptions } from "./sync-record.js";

/** The maximum number of links of one user. */
export const MAX_LINKS_PER_USER = 100;

/** The maximum size of a link's options as JSON, in bytes of UTF-8. */
export const MAX_LINK_OPTIONS_BYTES = 64 * 1024;

/** Checks the size of a link's options. @throws GitHubSdkError `input_too_large` when they exceed {@link MAX_LINK_OPTIONS_BYTES} */
export function assertLinkOptionsSize(options: SyncOptions): void {
  const bytes = Buffer.byteLength(JSON.stringify(options), "utf8");
  if (bytes <= MAX_LINK_OPTIONS_BYTES) return;
  throw new GitHubSdkError(
    "input_too_large",
    `The options of the link have ${bytes} bytes as JSON. The maximum is ${MAX_LINK_OPTIONS_BYTES}. Use fewer strategies, or a shorter message.`,
    { details: { bytes, maxBytes: MAX_LINK_OPTIONS_BYTES } },
  );
}

/** Returns the error for a user who has the maximum number of links. */
export function tooManyLinks(maxLinks: number): GitHubSdkError {
  return new GitHubSdkError("too_many_links", `The user already has ${maxLinks} links. Remove one first.`, {
    details: { maxLinks },
  });
}

import { GitHubSdkError } from "../errors.js";

// The longest name on common file systems (ext4, APFS, NTFS, Azure Files).
const MAX_BYTES = 255;

/**
 * Checks that an ID can be used as one segment of a path: not empty, not only dots, without path separator and NUL, well-formed
 * Unicode (two ill-formed IDs would be encoded as the same bytes), and at most 255 bytes in UTF-8.
 *
 * @param what the subject of the error message, such as `The project ID`
 * @throws GitHubSdkError `validation_failed`
 */
export function assertPathSegment(id: string, what: string): void {
  const problem = segmentProblem(id);
  if (problem !== null) throw new GitHubSdkError("validation_failed", `${what} ${problem}.`);
}

/** Returns why an id cannot be a path segment, such as `is empty`; `null` when it can. */
export function segmentProblem(id: string): string | null {
  if (id === "") return "is empty";
  if (/^\.+$/.test(id)) return "consists of dots only";
  if (/[/\\]/.test(id)) return "contains a path separator";
  if (id.includes("\0")) return "contains a NUL character";
  const bytes = Buffer.from(id, "utf8");
  if (bytes.toString("utf8") !== id) return "is not well-formed Unicode";
  return bytes.length > MAX_BYTES ? `is longer than ${MAX_BYTES} bytes` : null;
}

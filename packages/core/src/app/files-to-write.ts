import type { FileMode, GivenFile } from "../domain/project-file.js";
import { GitHubSdkError } from "../errors.js";

/** The content of a file to write. Text is encoded as UTF-8; `null` deletes the file. */
export type FileToWrite =
  | string
  | Uint8Array
  | {
      readonly content: string | Uint8Array;
      /** Defaults to the mode that the file has on the branch, or `100644` for a new file. */
      readonly mode?: FileMode;
    }
  | null;

/** Files to write, by path in the repository. */
export type FilesToWrite = Readonly<Record<string, FileToWrite>>;

/**
 * Returns the contents and modes of the files; `null` for files to delete.
 *
 * @throws GitHubSdkError `validation_failed` for a value that is not a record of files; the message names the path
 */
export function parseFilesToWrite(files: FilesToWrite): ReadonlyMap<string, GivenFile | null> {
  if (typeof files !== "object" || files === null || Symbol.iterator in files) {
    throw new GitHubSdkError("validation_failed", "`files` must be an object of contents by path.");
  }
  return new Map(Object.entries(files).map(([path, file]) => [path, parseFile(path, file)]));
}

function parseFile(path: string, file: FileToWrite): GivenFile | null {
  if (file === null) return null;
  const { content, mode = null } = isContent(file) ? { content: file } : (file ?? {});
  if (typeof content === "string") return { content: new TextEncoder().encode(content), mode };
  if (content instanceof Uint8Array) return { content, mode };
  throw new GitHubSdkError(
    "validation_failed",
    `files["${path}"] must be a string, a Uint8Array, { content, mode } or null.`,
  );
}

function isContent(file: NonNullable<FileToWrite>): file is string | Uint8Array {
  return typeof file === "string" || file instanceof Uint8Array;
}

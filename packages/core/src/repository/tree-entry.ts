import { isUtf8 } from "node:buffer";
import type { FileMode } from "../domain/project-file.js";
import type { ObjectId } from "../domain/repository.js";
import { GitHubSdkError, isGitHubSdkError } from "../errors.js";
import { createdObjectSchema, parseResponse } from "../github/parse-response.js";
import { repositoryParameters } from "../github/repository-name.js";
import type { ChangeSet, FileWrite, WriteContext } from "./commit-writer.js";

/**
 * An entry of a new tree: with its text, with the id of a blob, or with `null`, which deletes the path.
 *
 * @see https://docs.github.com/en/rest/git/trees#create-a-tree
 */
export type TreeEntry = { readonly path: string; readonly mode: FileMode; readonly type: "blob" } & (
  | { readonly content: string }
  | { readonly sha: ObjectId | null }
);

// Longer text is uploaded as a blob, so that a tree request stays far below the size at which GitHub times out.
const LONGEST_INLINE_TEXT = 400_000;
// For larger files a gateway timeout is caused by the file, not by an incident.
const LARGE_FILE = 5_000_000;

/** Returns the entry that deletes a path. */
export function deletion(path: string): TreeEntry {
  return { path, mode: "100644", type: "blob", sha: null };
}

/** Makes the tree entries of a change set's files: short text is put into the entry, other content is uploaded as a blob first. */
export class TreeEntryMaker {
  readonly #uploads = new Map<ObjectId, Promise<void>>();

  readonly #changeSet: ChangeSet;
  readonly #context: WriteContext;

  constructor(changeSet: ChangeSet, context: WriteContext) {
    this.#changeSet = changeSet;
    this.#context = context;
  }

  /**
   * Returns the entry for one file.
   *
   * @throws GitHubSdkError `input_too_large` and `secret_detected` with the path, `tree_mismatch`, and what the client maps
   */
  async entryFor(write: FileWrite): Promise<TreeEntry> {
    const { path, mode, oid, size } = write;
    const base = { path, mode, type: "blob" } as const;
    if (this.#uploads.has(oid) || size > LONGEST_INLINE_TEXT) {
      await this.#upload(write);
      return { ...base, sha: oid };
    }
    const bytes = await this.#changeSet.content(oid);
    const content = inlineText(bytes);
    if (content !== null) return { ...base, content };
    await this.#upload(write, bytes);
    return { ...base, sha: oid };
  }

  /** Uploads content once, also if several paths have it. */
  #upload(write: FileWrite, bytes?: Uint8Array): Promise<void> {
    const known = this.#uploads.get(write.oid);
    if (known !== undefined) return known;
    const upload = this.#uploadBlob(write, bytes);
    this.#uploads.set(write.oid, upload);
    return upload;
  }

  async #uploadBlob({ path, oid, size }: FileWrite, bytes?: Uint8Array): Promise<void> {
    const { client, signal } = this.#context;
    const content = Buffer.from(bytes ?? (await this.#changeSet.content(oid))).toString("base64");
    try {
      const response = await client.request(
        "POST /repos/{owner}/{repo}/git/blobs",
        { ...repositoryParameters(this.#changeSet.repository.fullName), content, encoding: "base64" },
        { signal, retry: "safe" },
      );
      if (parseResponse(createdObjectSchema, response).sha !== oid) throw mismatch(path);
    } catch (error) {
      throw blobError(error, path, size);
    }
  }
}

/** Returns the bytes as text if a JSON string represents them exactly and is not much longer; otherwise `null`. */
function inlineText(bytes: Uint8Array): string | null {
  if (!isUtf8(bytes) || bytes.includes(0)) return null;
  const text = Buffer.from(bytes).toString("utf8");
  return JSON.stringify(text).length > 2 * LONGEST_INLINE_TEXT ? null : text;
}

function blobError(error: unknown, path: string, size: number): unknown {
  if (!isGitHubSdkError(error)) return error;
  const tooLarge = isGitHubSdkError(error, "input_too_large") || (isGatewayTimeout(error) && size >= LARGE_FILE);
  if (tooLarge) {
    const message = `GitHub's API rejected ${path} (${(size / 1_000_000).toFixed(1)} MB) as too large. Use the writer \`push\`, or ignore the file.`;
    return new GitHubSdkError("input_too_large", message, {
      cause: error,
      details: { ...error.details, paths: [path] },
    });
  }
  if (!isGitHubSdkError(error, "secret_detected")) return error;
  const message = `GitHub found a secret in ${path} and rejected the file. Remove the secret from the project and revoke it.`;
  return new GitHubSdkError("secret_detected", message, { cause: error, details: { ...error.details, paths: [path] } });
}

function isGatewayTimeout(error: GitHubSdkError): boolean {
  return error.details.githubStatus === 502 || error.details.githubStatus === 504;
}

function mismatch(path: string): GitHubSdkError {
  return new GitHubSdkError(
    "tree_mismatch",
    `GitHub stored ${path} with different content than was sent. Sync again.`,
    {
      details: { paths: [path] },
    },
  );
}

import { createHash, randomUUID } from "node:crypto";

const UNFINISHED = /^\.[0-9a-f-]{36}\.infrajet-write$/;

/** Returns a name for a temporary file, which is renamed when it is complete. */
export function unfinishedName(id: string = randomUUID()): string {
  return `.${id}.infrajet-write`;
}

/** True for names of {@link unfinishedName}. Such files are not part of the project. */
export function isUnfinishedName(name: string): boolean {
  return UNFINISHED.test(name);
}

/**
 * Returns a UUID that another process can derive too, so that it can delete the temporary file and release the lease of a process
 * that was killed.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-8
 */
export function derivedId(purpose: "content" | "kept" | "lease", operation: string, path: string): string {
  const hex = createHash("sha256")
    .update(JSON.stringify([purpose, operation, path]))
    .digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

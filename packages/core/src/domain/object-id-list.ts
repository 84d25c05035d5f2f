import { GitHubSdkError } from "../errors.js";
import type { ObjectId } from "./repository.js";

/**
 * Encodes object IDs as bytes, each preceded by its length: half the size of their hex form. `null` has the length 0.
 *
 * @throws GitHubSdkError `internal_error` for an ID that is not lower-case hex
 */
export function packObjectIds(oids: readonly (ObjectId | null)[]): Buffer {
  return Buffer.from(oids.map(withLength).join(""), "hex");
}

const HEX_BYTES = /^(?:[0-9a-f]{2}){1,255}$/;

function withLength(oid: ObjectId | null): string {
  if (oid === null) return "00";
  if (!HEX_BYTES.test(oid)) throw new GitHubSdkError("internal_error", `${JSON.stringify(oid)} is not an object ID.`);
  return (oid.length / 2).toString(16).padStart(2, "0") + oid;
}

/** Decodes object IDs. @throws Error when the bytes end in the middle of an ID */
export function unpackObjectIds(bytes: Buffer): (ObjectId | null)[] {
  const oids: (ObjectId | null)[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const start = offset + 1;
    offset = start + (bytes[offset] ?? 0);
    if (offset > bytes.length) throw new Error("The last object ID is truncated.");
    oids.push(start === offset ? null : bytes.toString("hex", start, offset));
  }
  return oids;
}

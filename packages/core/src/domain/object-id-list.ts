import { GitHubSdkError } from "../errors.js";
import type { ObjectId } from "./repository.js";

/**
 * Object ids as bytes, each after its length: half as long as their hex. `null` has the length 0.
 *
 * @throws GitHubSdkError `internal_error` for an id that is no lower-case hex.
 */
export function packObjectIds(oids: readonly (ObjectId | null)[]): Buffer {
  return Buffer.from(oids.map(withLength).join(""), "hex");
}

const HEX_BYTES = /^(?:[0-9a-f]{2}){1,255}$/;

function withLength(oid: ObjectId | null): string {
  if (oid === null) return "00";
  if (!HEX_BYTES.test(oid)) throw new GitHubSdkError("internal_error", `${JSON.stringify(oid)} is no object id.`);
  return (oid.length / 2).toString(16).padStart(2, "0") + oid;
}

/** The ids that were packed. @throws Error when the bytes end in the middle of one. */
export function unpackObjectIds(bytes: Buffer): (ObjectId | null)[] {
  const oids: (ObjectId | null)[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const start = offset + 1;
    offset = start + (bytes[offset] ?? 0);
    if (offset > bytes.length) throw new Error("the last object id is cut short");
    oids.push(start === offset ? null : bytes.toString("hex", start, offset));
  }
  return oids;
}

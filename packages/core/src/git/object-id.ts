import { createHash, type Hash } from "node:crypto";
import type { ObjectFormat, ObjectId } from "../domain/repository.js";
import { GitHubSdkError } from "../errors.js";

/** The types of git objects. */
export type ObjectType = "blob" | "tree" | "commit" | "tag";

/** The id of the empty tree in both formats. */
export const EMPTY_TREE: Readonly<Record<ObjectFormat, ObjectId>> = {
  sha1: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
  sha256: "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
};

/** The size of a binary object id, as in trees, in bytes. */
export const OBJECT_ID_BYTES: Readonly<Record<ObjectFormat, number>> = { sha1: 20, sha256: 32 };

const OBJECT_ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** Returns true if a value is an object id: 40 or 64 lower-case hex digits. */
export function isObjectId(value: unknown): value is ObjectId {
  return typeof value === "string" && OBJECT_ID.test(value);
}

/**
 * Returns the format of an object id.
 *
 * @throws GitHubSdkError `internal_error` when the value is not an object id.
 */
export function objectFormatOf(oid: ObjectId): ObjectFormat {
  if (!isObjectId(oid)) throw new GitHubSdkError("internal_error", "Internal error: a value is not a git object id.");
  return oid.length === 40 ? "sha1" : "sha256";
}

/**
 * Returns the id of an object.
 *
 * @see https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
 */
export function hashObject(type: ObjectType, content: Uint8Array, format: ObjectFormat): ObjectId {
  return beginObject(type, content.byteLength, format).update(content).digest("hex");
}

function beginObject(type: ObjectType, size: number, format: ObjectFormat): Hash {
  return createHash(format).update(`${type} ${size}\0`);
}

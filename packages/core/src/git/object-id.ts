import { createHash, type Hash } from "node:crypto";
import type { ObjectId } from "../domain/repository.js";
import { GitHubSdkError } from "../errors.js";

/** The hash that a repository names its objects by: `extensions.objectFormat` of git, `hash_algorithm` of GitHub. */
export type ObjectFormat = "sha1" | "sha256";

/** The kinds of objects that git stores. */
export type ObjectType = "blob" | "tree" | "commit" | "tag";

/** The tree without entries, in both formats: the root of a repository that holds no file. */
export const EMPTY_TREE: Readonly<Record<ObjectFormat, ObjectId>> = {
  sha1: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
  sha256: "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
};

/** Bytes of an object id in its binary form, as trees hold it. */
export const OBJECT_ID_BYTES: Readonly<Record<ObjectFormat, number>> = { sha1: 20, sha256: 32 };

const OBJECT_ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** Whether a value is an object id: 40 or 64 hex digits, in lower case. */
export function isObjectId(value: unknown): value is ObjectId {
  return typeof value === "string" && OBJECT_ID.test(value);
}

/**
 * The format that an object id belongs to.
 *
 * @throws GitHubSdkError `internal_error` when it is no object id.
 */
export function objectFormatOf(oid: ObjectId): ObjectFormat {
  if (!isObjectId(oid)) throw new GitHubSdkError("internal_error", "This is not the id of a git object.");
  return oid.length === 40 ? "sha1" : "sha256";
}

/**
 * The id of an object with that content.
 *
 * @see https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
 */
export function hashObject(type: ObjectType, content: Uint8Array, format: ObjectFormat): ObjectId {
  return beginObject(type, content.byteLength, format).update(content).digest("hex");
}

/**
 * What hashing a blob of a declared size came to. The size is hashed before the content, so content of another size has
 * no id until it is hashed again: `received` bytes came, or at least that many where reading stopped early.
 */
export type BlobHash =
  | { readonly complete: true; readonly oid: ObjectId }
  | { readonly complete: false; readonly declared: number; readonly received: number };

/** Hashes a blob of a known size piece by piece, so that it never has to be in memory as a whole. */
export class BlobHasher {
  private readonly hash: Hash;
  private received = 0;

  /** @param size Bytes that are going to come. */
  constructor(
    private readonly size: number,
    format: ObjectFormat,
  ) {
    this.hash = beginObject("blob", size, format);
  }

  /** Takes the next piece and says whether the content still fits the declared size. */
  update(piece: Uint8Array): boolean {
    this.received += piece.byteLength;
    const fits = this.received <= this.size;
    if (fits) this.hash.update(piece);
    return fits;
  }

  /** Ends the hash; called once. */
  digest(): BlobHash {
    if (this.received !== this.size) return { complete: false, declared: this.size, received: this.received };
    return { complete: true, oid: this.hash.digest("hex") };
  }
}

/**
 * Hashes a blob from a stream. It stops reading as soon as more than `size` bytes have come; an error of the stream is
 * thrown on.
 *
 * @param size Bytes that the stream is expected to have.
 */
export async function hashBlobStream(
  size: number,
  content: AsyncIterable<Uint8Array>,
  format: ObjectFormat,
): Promise<BlobHash> {
  const hasher = new BlobHasher(size, format);
  for await (const piece of content) {
    if (!hasher.update(piece)) break;
  }
  return hasher.digest();
}

function beginObject(type: ObjectType, size: number, format: ObjectFormat): Hash {
  return createHash(format).update(`${type} ${size}\0`);
}

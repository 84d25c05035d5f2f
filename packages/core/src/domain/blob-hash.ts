import { createHash, type Hash } from "node:crypto";
import { GitHubSdkError } from "../errors.js";
import type { ObjectFormat, ObjectId } from "./repository.js";

/** Content that is identified by git's blob ID. */
export interface BlobIdentity {
  readonly oid: ObjectId;
  /** In bytes. */
  readonly size: number;
}

/**
 * The result of hashing a blob with a declared size. The size is hashed before the content, so content of another size must be
 * hashed again: it has `received` bytes, or at least that many where reading stopped early.
 */
export type BlobHash =
  | { readonly complete: true; readonly oid: ObjectId }
  | { readonly complete: false; readonly declared: number; readonly received: number };

/** Hashes a blob of a known size in pieces, without having all of it in memory. */
export class BlobHasher {
  readonly #size: number;
  readonly #hash: Hash;
  #received = 0;

  /** @param size the expected size, in bytes. */
  constructor(size: number, format: ObjectFormat) {
    this.#size = size;
    this.#hash = createHash(format).update(`blob ${size}\0`);
  }

  /** Adds a piece. Returns false as soon as the content exceeds the declared size. */
  update(piece: Uint8Array): boolean {
    this.#received += piece.byteLength;
    const fits = this.#received <= this.#size;
    if (fits) this.#hash.update(piece);
    return fits;
  }

  /** Completes the hash. Call it once. */
  digest(): BlobHash {
    if (this.#received !== this.#size) return { complete: false, declared: this.#size, received: this.#received };
    return { complete: true, oid: this.#hash.digest("hex") };
  }
}

/**
 * Hashes a blob from a stream, up to the first piece beyond `size`.
 *
 * @param size the expected size, in bytes.
 * @throws the error of the stream
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

/** Returns true when the bytes are a blob's content. */
export function isContent({ oid, size }: BlobIdentity, bytes: Uint8Array): boolean {
  const hasher = new BlobHasher(size, formatOf(oid));
  hasher.update(bytes);
  const hash = hasher.digest();
  return hash.complete && hash.oid === oid;
}

/** Resolves to true when a stream has exactly the content of a blob. @throws the error of the stream */
export async function hasContent({ oid, size }: BlobIdentity, stream: AsyncIterable<Uint8Array>): Promise<boolean> {
  const hash = await hashBlobStream(size, stream, formatOf(oid));
  return hash.complete && hash.oid === oid;
}

/** An error of the content to write, as its cause, as opposed to one of the storage. */
export class ContentFailure extends Error {
  constructor(cause: unknown) {
    super("The content to write cannot be read.", { cause });
  }
}

/**
 * Yields the pieces of a stream, and fails at its end, or at the first piece beyond the size, unless they are the blob's content.
 *
 * @throws GitHubSdkError `internal_error` for other content; ContentFailure for an error of the stream
 */
export async function* verifiedContent(
  { oid, size }: BlobIdentity,
  stream: AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> {
  const hasher = new BlobHasher(size, formatOf(oid));
  for await (const piece of marked(stream)) {
    if (!hasher.update(piece)) throw otherContent(oid);
    yield piece;
  }
  const hash = hasher.digest();
  if (!hash.complete || hash.oid !== oid) throw otherContent(oid);
}

async function* marked(stream: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  try {
    yield* stream;
  } catch (error) {
    throw new ContentFailure(error);
  }
}

function formatOf(oid: ObjectId): ObjectFormat {
  return oid.length === 64 ? "sha256" : "sha1";
}

function otherContent(oid: ObjectId): GitHubSdkError {
  const message = "Internal error: the content to write does not have the object ID that was announced.";
  return new GitHubSdkError("internal_error", message, { details: { oid } });
}

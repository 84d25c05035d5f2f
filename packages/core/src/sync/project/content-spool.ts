import { pipeline } from "node:stream/promises";
import { createDeflate } from "node:zlib";
import { BlobHasher } from "../../domain/blob-hash.js";
import type { ObjectFormat, ObjectId } from "../../domain/repository.js";
import { GitHubSdkError } from "../../errors.js";
import {
  DEFLATE_LEVEL,
  type Deflated,
  deflateBytes,
  deflatedAtMost,
  deflatedInMemory,
  deflateNow,
  inflateBytes,
} from "../../git/deflated.js";
import { hashObject } from "../../git/object-id.js";
import { SpoolFile } from "./spool-file.js";

// Larger files are deflated chunk by chunk, so that they are never in memory as a whole.
const READ_AS_A_WHOLE = 1024 * 1024;

/**
 * The contents of one sync by blob ID. Each content is read once from its source and stored deflated, as packs hold it.
 *
 * Contents are held in memory up to a limit, then in a private temporary file, which is removed when the spool is disposed
 * of or the process ends.
 */
export class ContentSpool {
  readonly #contents = new Map<ObjectId, Deflated>();
  readonly #format: ObjectFormat;
  readonly #memoryLimit: number;
  #memoryUsed = 0;
  readonly #file = new SpoolFile();
  #disposed = false;

  constructor(format: ObjectFormat, memoryLimit = 4 * 1024 * 1024) {
    this.#format = format;
    this.#memoryLimit = memoryLimit;
  }

  /**
   * Reads a content to its end and returns its blob ID.
   *
   * @throws GitHubSdkError `source_changed` when the content does not have `size` bytes
   */
  async add(path: string, size: number, bytes: AsyncIterable<Uint8Array>): Promise<ObjectId> {
    this.#assertOpen();
    const content = new HashedContent(path, size, bytes, this.#format);
    if (size > READ_AS_A_WHOLE) return this.#addLarge(content);
    const whole = await content.whole();
    const oid = content.oid();
    if (!this.#contents.has(oid)) await this.#keep(oid, size, await deflateBytes(whole));
    return oid;
  }

  /** Stores bytes that the SDK made, such as a merged file, and returns their blob ID. */
  put(bytes: Uint8Array): ObjectId {
    const oid = hashObject("blob", bytes, this.#format);
    this.#contents.set(oid, deflatedInMemory(bytes.length, deflateNow(bytes)));
    return oid;
  }

  /** Returns the bytes of a blob; `null` when it is not in the spool. */
  async read(oid: ObjectId): Promise<Uint8Array | null> {
    const content = this.#contents.get(oid);
    if (content === undefined) return null;
    const pieces: Uint8Array[] = [];
    for await (const piece of content.pieces()) pieces.push(piece);
    return inflateBytes(Buffer.concat(pieces), content.size);
  }

  /** Returns the deflated content of a blob, readable until the spool is disposed of; `null` when it is not in the spool. */
  deflated(oid: ObjectId): Deflated | null {
    return this.#contents.get(oid) ?? null;
  }

  /** Removes all contents. Calls of `add` that are in progress, and later ones, fail. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#contents.clear();
    await this.#file.remove();
  }

  async #keep(oid: ObjectId, size: number, deflated: Uint8Array): Promise<void> {
    this.#assertOpen();
    // Another file with the same content may have been added in the meantime.
    if (this.#contents.has(oid)) return;
    if (this.#memoryUsed + deflated.length <= this.#memoryLimit) {
      this.#memoryUsed += deflated.length;
      this.#contents.set(oid, deflatedInMemory(size, deflated));
      return;
    }
    const offset = this.#file.reserve(deflated.length);
    await this.#file.write(deflated, offset);
    this.#contents.set(oid, this.#inFile(size, offset, deflated.length));
  }

  async #addLarge(content: HashedContent): Promise<ObjectId> {
    // Reserved bytes that are not written stay a hole in the file and use no disk space.
    const offset = this.#file.reserve(deflatedAtMost(content.size));
    let length = 0;
    await pipeline(content.pieces(), createDeflate({ level: DEFLATE_LEVEL }), async (pieces) => {
      for await (const piece of pieces) {
        await this.#file.write(piece, offset + length);
        length += piece.length;
      }
    });
    const oid = content.oid();
    this.#assertOpen();
    if (!this.#contents.has(oid)) this.#contents.set(oid, this.#inFile(content.size, offset, length));
    return oid;
  }

  #inFile(size: number, offset: number, deflatedSize: number): Deflated {
    return { size, deflatedSize, pieces: () => this.#file.read(offset, deflatedSize) };
  }

  #assertOpen(): void {
    if (this.#disposed)
      throw new GitHubSdkError("internal_error", "The sync's temporary storage has already been disposed of.");
  }
}

/** A content that is hashed while it is read and must have the size of its listing. */
class HashedContent {
  readonly #hasher: BlobHasher;

  readonly path: string;
  readonly size: number;
  readonly bytes: AsyncIterable<Uint8Array>;

  constructor(path: string, size: number, bytes: AsyncIterable<Uint8Array>, format: ObjectFormat) {
    this.path = path;
    this.size = size;
    this.bytes = bytes;
    this.#hasher = new BlobHasher(size, format);
  }

  async *pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const piece of this.bytes) {
      if (!this.#hasher.update(piece)) throw this.#changed();
      yield piece;
    }
  }

  async whole(): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for await (const piece of this.pieces()) pieces.push(piece);
    const [only] = pieces;
    return only !== undefined && pieces.length === 1 ? only : Buffer.concat(pieces, this.size);
  }

  /** Returns the blob ID after the content was read to its end. @throws GitHubSdkError `source_changed` */
  oid(): ObjectId {
    const hash = this.#hasher.digest();
    if (!hash.complete) throw this.#changed();
    return hash.oid;
  }

  #changed(): GitHubSdkError {
    return new GitHubSdkError("source_changed", `"${this.path}" changed while it was read. Run the sync again.`, {
      details: { path: this.path },
    });
  }
}

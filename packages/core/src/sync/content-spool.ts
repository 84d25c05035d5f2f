import { type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ObjectId } from "../domain/repository.js";
import { GitHubSdkError } from "../errors.js";
import { BlobHasher, hashObject, type ObjectFormat } from "../git/object-id.js";

/** Where the bytes of a blob lie: in memory, or in the spool's file. */
type Place = Uint8Array | { readonly offset: number; readonly length: number };

/**
 * The contents of one sync, each read once from its source and found again by blob id. A little is held in memory; the rest
 * lies in a private temporary file, which is gone when the spool is disposed of or the process ends.
 */
export class ContentSpool {
  readonly #places = new Map<ObjectId, Place>();
  readonly #format: ObjectFormat;
  readonly #memoryLimit: number;
  #memoryUsed = 0;
  #fileLength = 0;
  #file: Promise<SpoolFile> | null = null;
  #disposed = false;

  constructor(format: ObjectFormat, memoryLimit = 16 * 1024 * 1024) {
    this.#format = format;
    this.#memoryLimit = memoryLimit;
  }

  /**
   * Reads a source to its end and gives the blob id.
   *
   * @throws GitHubSdkError `source_changed` when there are more or fewer bytes than `size`.
   */
  async add(path: string, size: number, bytes: AsyncIterable<Uint8Array>): Promise<ObjectId> {
    const sink = await this.#reserve(size);
    let kept = false;
    try {
      const oid = await this.#fill(sink, path, size, bytes);
      kept = !this.#places.has(oid);
      if (kept) this.#places.set(oid, sink.place);
      return oid;
    } finally {
      if (!kept) sink.giveBack();
    }
  }

  async #fill(sink: Sink, path: string, size: number, bytes: AsyncIterable<Uint8Array>): Promise<ObjectId> {
    const hasher = new BlobHasher(size, this.#format);
    let length = 0;
    for await (const chunk of bytes) {
      if (!hasher.update(chunk)) throw lengthChanged(path);
      await sink.write(chunk, length);
      length += chunk.length;
    }
    const hash = hasher.digest();
    if (!hash.complete) throw lengthChanged(path);
    return hash.oid;
  }

  /** Takes in bytes that were made here, such as a merged file. */
  put(bytes: Uint8Array): ObjectId {
    const oid = hashObject("blob", bytes, this.#format);
    this.#places.set(oid, bytes);
    return oid;
  }

  /** The bytes of a blob, not to be changed, or `null` when the spool does not have it. */
  async read(oid: ObjectId): Promise<Uint8Array | null> {
    const place = this.#places.get(oid);
    if (place === undefined || place instanceof Uint8Array) return place ?? null;
    const { handle } = await this.#openFile();
    const bytes = new Uint8Array(place.length);
    for (let done = 0; done < place.length; ) {
      const { bytesRead } = await handle.read(bytes, done, place.length - done, place.offset + done);
      if (bytesRead === 0) throw new GitHubSdkError("internal_error", "The temporary file of the sync was cut short.");
      done += bytesRead;
    }
    return bytes;
  }

  /** Removes everything. What is still being added then fails, and nothing can be added any more. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#places.clear();
    // A file that could not be made was told to whoever wanted it.
    const file = await this.#file?.catch(() => null);
    this.#file = null;
    if (file === undefined || file === null) return;
    await file.handle.close();
    await rm(file.directory, { recursive: true, force: true });
  }

  async #reserve(size: number): Promise<Sink> {
    if (this.#disposed) throw new GitHubSdkError("internal_error", "The contents of the sync were let go already.");
    if (this.#memoryUsed + size <= this.#memoryLimit) {
      this.#memoryUsed += size;
      const place = new Uint8Array(size);
      const giveBack = (): void => {
        this.#memoryUsed -= size;
      };
      return { place, write: async (chunk, at) => place.set(chunk, at), giveBack };
    }
    const place = { offset: this.#fileLength, length: size };
    this.#fileLength += size;
    const { handle } = await this.#openFile();
    // Its room in the file stays empty: what came after it lies where it lies.
    return { place, write: (chunk, at) => writeFully(handle, chunk, place.offset + at), giveBack: () => {} };
  }

  #openFile(): Promise<SpoolFile> {
    this.#file ??= openPrivateFile();
    return this.#file;
  }
}

interface Sink {
  readonly place: Place;
  write(chunk: Uint8Array, at: number): Promise<void>;
  /** The place is not needed. */
  giveBack(): void;
}

interface SpoolFile {
  readonly directory: string;
  readonly handle: FileHandle;
}

async function openPrivateFile(): Promise<SpoolFile> {
  const directory = await mkdtemp(join(tmpdir(), "infrajet-sync-"));
  try {
    const handle = await open(join(directory, "contents"), "wx+", 0o600);
    return { directory, handle };
  } finally {
    // Unlinked while open, the file goes with the process even when that is killed; Windows refuses, and dispose() removes it.
    await rm(directory, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function writeFully(handle: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < chunk.length; ) {
    const { bytesWritten } = await handle.write(chunk, done, chunk.length - done, position + done);
    done += bytesWritten;
  }
}

function lengthChanged(path: string): GitHubSdkError {
  return new GitHubSdkError("source_changed", `"${path}" changed while it was read. Run the sync again.`, {
    details: { path },
  });
}

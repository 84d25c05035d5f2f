import { type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GitHubSdkError } from "../../errors.js";

// Neighboring contents are mostly read one after the other: one read serves many.
const WINDOW_BYTES = 256 * 1024;

interface OpenFile {
  readonly directory: string;
  readonly handle: FileHandle;
}

interface Window {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

const NOTHING: Window = { offset: 0, bytes: new Uint8Array() };

/** A private temporary file. It is created on the first write and removed with the process at the latest. */
export class SpoolFile {
  #opening: Promise<OpenFile> | null = null;
  #removed = false;
  #length = 0;
  #window = NOTHING;
  #writes = 0;

  /** Reserves `length` bytes for one writer and returns their offset. */
  reserve(length: number): number {
    const offset = this.#length;
    this.#length += length;
    return offset;
  }

  /** Writes to reserved bytes. Each byte must be written only once. */
  async write(bytes: Uint8Array, offset: number): Promise<void> {
    const { handle } = await this.#open();
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, offset + done);
      done += bytesWritten;
    }
    // The window may contain these bytes from before they were written.
    this.#window = NOTHING;
    this.#writes += 1;
  }

  /** Returns the bytes that were written there, in pieces that are never modified. */
  read(offset: number, length: number): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
    return holds(this.#window, offset, length)
      ? [part(this.#window, offset, length)]
      : this.#readPieces(offset, length);
  }

  async *#readPieces(offset: number, length: number): AsyncGenerator<Uint8Array, void, undefined> {
    for (let done = 0; done < length; ) {
      const piece = await this.#piece(offset + done, length - done);
      yield piece;
      done += piece.length;
    }
  }

  /** Removes the file. Later reads and writes fail. */
  async remove(): Promise<void> {
    this.#removed = true;
    // The reader or writer that opened the file has received the error.
    const file = await this.#opening?.catch(() => null);
    this.#window = NOTHING;
    if (file === undefined || file === null) return;
    this.#opening = null;
    await file.handle.close();
    await rm(file.directory, { recursive: true, force: true });
  }

  async #piece(offset: number, length: number): Promise<Uint8Array> {
    const wanted = Math.min(length, WINDOW_BYTES);
    if (holds(this.#window, offset, wanted)) return part(this.#window, offset, wanted);
    const writes = this.#writes;
    const window = await this.#readWindow(offset, wanted);
    if (writes === this.#writes) this.#window = window;
    return part(window, offset, wanted);
  }

  async #readWindow(offset: number, wanted: number): Promise<Window> {
    const { handle } = await this.#open();
    const bytes = Buffer.allocUnsafeSlow(WINDOW_BYTES);
    let length = 0;
    while (length < WINDOW_BYTES) {
      const { bytesRead } = await handle.read(bytes, length, WINDOW_BYTES - length, offset + length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    if (length < wanted) {
      throw new GitHubSdkError("internal_error", "The sync's temporary file is shorter than what was written to it.");
    }
    return { offset, bytes: bytes.subarray(0, length) };
  }

  #open(): Promise<OpenFile> {
    if (this.#removed) {
      return Promise.reject(
        new GitHubSdkError("internal_error", "The sync's temporary storage has already been disposed of."),
      );
    }
    this.#opening ??= openPrivateFile();
    return this.#opening;
  }
}

function holds({ offset, bytes }: Window, from: number, length: number): boolean {
  return from >= offset && from + length <= offset + bytes.length;
}

function part({ offset, bytes }: Window, from: number, length: number): Uint8Array {
  return bytes.subarray(from - offset, from - offset + length);
}

async function openPrivateFile(): Promise<OpenFile> {
  const directory = await mkdtemp(join(tmpdir(), "infrajet-sync-"));
  try {
    const handle = await open(join(directory, "contents"), "wx+", 0o600);
    return { directory, handle };
  } finally {
    // Unlinked while open, the file disappears even when the process is killed. Windows does not allow it; remove() deletes it there.
    await rm(directory, { recursive: true, force: true }).catch(() => undefined);
  }
}

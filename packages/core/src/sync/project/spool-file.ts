import { type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GitHubSdkError } from "../../errors.js";

// What lies side by side is mostly asked for one after the other: one read serves many.
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

/** A private temporary file, made when it is first written to, and gone with the process at the latest. */
export class SpoolFile {
  #opening: Promise<OpenFile> | null = null;
  #removed = false;
  #length = 0;
  #window = NOTHING;
  #writes = 0;

  /** Room for so many bytes that nobody else writes to. */
  reserve(length: number): number {
    const offset = this.#length;
    this.#length += length;
    return offset;
  }

  /** Writes to room that was reserved, once to each place. */
  async write(bytes: Uint8Array, offset: number): Promise<void> {
    const { handle } = await this.#open();
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, offset + done);
      done += bytesWritten;
    }
    // The window may have looked at this room while it was empty.
    this.#window = NOTHING;
    this.#writes += 1;
  }

  /** What was written there, in pieces that nobody changes. */
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

  /** Removes the file. Reading and writing fail from then on. */
  async remove(): Promise<void> {
    this.#removed = true;
    // A file that could not be made was told to whoever wanted it.
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
      throw new GitHubSdkError("internal_error", "The temporary file of the sync was cut short.");
    }
    return { offset, bytes: bytes.subarray(0, length) };
  }

  #open(): Promise<OpenFile> {
    if (this.#removed) {
      return Promise.reject(new GitHubSdkError("internal_error", "The contents of the sync were let go already."));
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
    // Unlinked while open, the file goes with the process even when that is killed; Windows refuses, and remove() does it.
    await rm(directory, { recursive: true, force: true }).catch(() => undefined);
  }
}

import { Content } from "./storage/content.js";
import type { Share } from "./storage/share.js";
import type { StoredDirectory, StoredFile } from "./storage/stored-item.js";
import { entityTag, millisecondsOf, ticksOf } from "./storage/ticks.js";
import { fileAt, lookUp, walk } from "./storage/tree.js";

/** A snapshot of a file's content and properties. */
export interface BoxFile {
  bytes: Buffer;
  /** Includes the quotes. */
  etag: string;
  /** A decimal number. */
  id: string;
  /** Milliseconds since the epoch. */
  lastModified: number;
  /** True when a client holds a lease on the file. */
  leased: boolean;
}

/** Direct access to a share without requests, for the changes of other clients. Paths have the form `user/project/main.tf`. */
export class BoxShare {
  constructor(private readonly share: Share) {}

  get name(): string {
    return this.share.name;
  }

  /**
   * Writes a file as a REST client would, and creates its directories. Bytes are not copied; `{ size }` creates a file of zeros
   * that needs no memory.
   *
   * @returns the entity tag of the file
   */
  write(path: string, content: string | Uint8Array | { size: number }): string {
    const segments = split(path);
    const directory = this.ensure(segments.slice(0, -1));
    const name = segments.at(-1) ?? "";
    const found = lookUp(this.share.root, segments);
    if (found?.kind === "directory") throw new Error(`${path} is a directory`);
    const file = found ?? this.share.newFile(name);
    file.content = toContent(content);
    if (found === undefined) directory.put(file);
    this.share.touch(file, "content");
    return entityTag(file.modified);
  }

  /** Creates a directory and its parents. Does nothing when it exists. */
  mkdir(path: string): void {
    this.ensure(split(path));
  }

  /** Removes a file, or a directory with its content. Throws when it does not exist. */
  remove(path: string): void {
    const item = lookUp(this.share.root, split(path));
    if (item?.parent === undefined) throw new Error(`${path} does not exist`);
    item.parent.remove(item.name);
  }

  /** Returns the file at a path, or `undefined` when it does not exist. */
  file(path: string): BoxFile | undefined {
    const item = this.find(path);
    return item?.kind === "file" ? toBoxFile(item) : undefined;
  }

  /** Returns all files by path, in the order of listings. */
  files(): Map<string, BoxFile> {
    return new Map([...walk(this.share.root)].map(([path, file]) => [path, toBoxFile(file)]));
  }

  /** Takes a snapshot of the share. Returns the snapshot's ID. */
  snapshot(): string {
    return this.share.takeSnapshot();
  }

  /** Sets the last write time (milliseconds since the epoch), which SMB clients can choose freely. */
  setLastWrite(path: string, milliseconds: number): void {
    const file = fileAt(this.share.root, split(path));
    this.share.touch(file);
    file.times.lastWrite = ticksOf(milliseconds);
  }

  /**
   * Writes a file as an SMB client that keeps it open: reads return the new bytes, but the entity tag and the size and time in
   * listings do not change until the file is closed.
   *
   * @returns a function that closes the file
   */
  writeOpen(path: string, content: string | Uint8Array): () => void {
    const file = fileAt(this.share.root, split(path));
    file.shown ??= { size: file.content.size, modified: file.modified };
    file.content = toContent(content);
    return () => {
      file.shown = undefined;
      this.share.touch(file, "content");
    };
  }

  private find(path: string): StoredFile | StoredDirectory | undefined {
    let directory = this.share.root;
    const segments = split(path);
    for (const segment of segments.slice(0, -1)) {
      const next = directory.find(segment);
      if (next?.kind !== "directory") return undefined;
      directory = next;
    }
    return directory.find(segments.at(-1) ?? "");
  }

  private ensure(segments: readonly string[]): StoredDirectory {
    let directory = this.share.root;
    segments.forEach((name, depth) => {
      const found = lookUp(this.share.root, segments.slice(0, depth + 1));
      if (found?.kind === "file") throw new Error(`${segments.slice(0, depth + 1).join("/")} is a file`);
      const next = found ?? this.share.newDirectory(name);
      if (found === undefined) directory.put(next);
      directory = next;
    });
    return directory;
  }
}

function split(path: string): string[] {
  return path.split("/");
}

function toContent(content: string | Uint8Array | { size: number }): Content {
  if (typeof content === "string") return Content.of(Buffer.from(content));
  return content instanceof Uint8Array ? Content.of(content) : Content.zeros(content.size);
}

function toBoxFile({ content, id, lease, modified }: StoredFile): BoxFile {
  return {
    bytes: Buffer.from(content.bytes()),
    etag: entityTag(modified),
    id,
    lastModified: millisecondsOf(modified),
    leased: lease.status.state === "leased",
  };
}

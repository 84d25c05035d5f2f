import { Content } from "./storage/content.js";
import type { Share } from "./storage/share.js";
import type { StoredDirectory, StoredFile } from "./storage/stored-item.js";
import { entityTag, millisecondsOf, ticksOf } from "./storage/ticks.js";
import { fileAt, lookUp, walk } from "./storage/tree.js";

/** A file of a share, as a test sees it. */
export interface BoxFile {
  bytes: Buffer;
  /** With quotes. */
  etag: string;
  /** Decimal. */
  id: string;
  /** Milliseconds since the epoch. */
  lastModified: number;
}

/** A share's side door: what somebody else does in it, counted as no request. Paths are `user/project/main.tf`. */
export class BoxShare {
  constructor(private readonly share: Share) {}

  get name(): string {
    return this.share.name;
  }

  /**
   * Writes a file as a REST client would, with the directories it is in. Bytes are kept, not copied; `{ size }` makes a file of
   * zeros that needs no memory. Returns its entity tag.
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

  /** Makes a directory and those above it; nothing happens where it is. */
  mkdir(path: string): void {
    this.ensure(split(path));
  }

  /** Removes a file or a directory with all that is in it; throws where there is none. */
  remove(path: string): void {
    const item = lookUp(this.share.root, split(path));
    if (item?.parent === undefined) throw new Error(`There is no ${path}`);
    item.parent.remove(item.name);
  }

  /** The file at a path; undefined where there is none. */
  file(path: string): BoxFile | undefined {
    const item = this.find(path);
    return item?.kind === "file" ? toBoxFile(item) : undefined;
  }

  /** Every file by its path, in the order of listings. */
  files(): Map<string, BoxFile> {
    return new Map([...walk(this.share.root)].map(([path, file]) => [path, toBoxFile(file)]));
  }

  /** Keeps the share as it is; returns the snapshot's name. */
  snapshot(): string {
    return this.share.takeSnapshot();
  }

  /** Sets the time that SMB calls the last write, as SMB clients may at will: milliseconds since the epoch. */
  setLastWrite(path: string, milliseconds: number): void {
    const file = fileAt(this.share.root, split(path));
    this.share.touch(file);
    file.times.lastWrite = ticksOf(milliseconds);
  }

  /**
   * Writes a file as an SMB client does that keeps it open: readers get the new bytes, but listings show the size and change
   * of before, and its entity tag stays, until the function that is returned closes it.
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

function toBoxFile({ content, id, modified }: StoredFile): BoxFile {
  return {
    bytes: Buffer.from(content.bytes()),
    etag: entityTag(modified),
    id,
    lastModified: millisecondsOf(modified),
  };
}

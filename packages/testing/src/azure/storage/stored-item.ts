import type { Content } from "./content.js";
import { Lease } from "./lease.js";
import { foldName } from "./names.js";
import type { Ticks } from "./ticks.js";

/** The SMB times of a file or directory. */
export interface Times {
  creation: Ticks;
  lastAccess: Ticks;
  lastWrite: Ticks;
  change: Ticks;
}

/** The members that files and directories share. */
abstract class StoredItem {
  parent: StoredDirectory | undefined;
  metadata: Readonly<Record<string, string>> = {};
  readonly times: Times;
  permissionKey: string;
  /** Time of the last change, for the entity tag and `Last-Modified`. */
  modified: Ticks;

  constructor(
    public name: string,
    /** A decimal number; `0` for the root. */
    readonly id: string,
    public attributes: string,
    permissionKey: string,
    now: Ticks,
  ) {
    this.permissionKey = permissionKey;
    this.modified = now;
    this.times = { creation: now, lastAccess: now, lastWrite: now, change: now };
  }

  protected copyTo<T extends StoredItem>(copy: T): T {
    copy.metadata = this.metadata;
    copy.modified = this.modified;
    Object.assign(copy.times, this.times);
    return copy;
  }
}

/** The content headers of a file. */
export interface ContentHeaders {
  type: string;
  encoding?: string;
  language?: string;
  cacheControl?: string;
  disposition?: string;
  /** Base64; present only when a client stored it. */
  md5?: string;
}

/** A file of a share. */
export class StoredFile extends StoredItem {
  readonly kind = "file";
  readonly lease = new Lease();
  contentHeaders: ContentHeaders = { type: "application/octet-stream" };
  /** The size and time that listings show while an SMB client keeps the file open. */
  shown: { size: number; modified: Ticks } | undefined;

  constructor(
    name: string,
    id: string,
    now: Ticks,
    public content: Content,
    permissionKey = "584053819618422708*11581588750433322810",
  ) {
    super(name, id, "Archive", permissionKey, now);
  }

  copy(): StoredFile {
    const copy = this.copyTo(new StoredFile(this.name, this.id, this.modified, this.content, this.permissionKey));
    copy.attributes = this.attributes;
    copy.contentHeaders = this.contentHeaders;
    return copy;
  }
}

/** A directory of a share. Its items are sorted as in listings. */
export class StoredDirectory extends StoredItem {
  readonly kind = "directory";
  private readonly items = new Map<string, StoredFile | StoredDirectory>();
  private order: readonly string[] | undefined;

  constructor(name: string, id: string, now: Ticks, permissionKey = "14438882940201373875*11581588750433322810") {
    super(name, id, "Directory", permissionKey, now);
  }

  get isEmpty(): boolean {
    return this.items.size === 0;
  }

  find(name: string): StoredFile | StoredDirectory | undefined {
    return this.items.get(foldName(name));
  }

  /** Adds an item, and replaces an item of the same name. */
  put(item: StoredFile | StoredDirectory): void {
    const key = foldName(item.name);
    if (!this.items.has(key)) this.order = undefined;
    this.items.set(key, item);
    item.parent = this;
  }

  remove(name: string): void {
    if (this.items.delete(foldName(name))) this.order = undefined;
  }

  /** Yields the items in the order of listings, from the first whose name is not less than `name`. */
  *from(name: string): Generator<StoredFile | StoredDirectory> {
    this.order ??= [...this.items.keys()].sort();
    for (let index = firstAt(this.order, foldName(name)); index < this.order.length; index += 1) {
      const item = this.items.get(this.order[index] ?? "");
      if (item !== undefined) yield item;
    }
  }

  copy(): StoredDirectory {
    const copy = this.copyTo(new StoredDirectory(this.name, this.id, this.modified, this.permissionKey));
    copy.attributes = this.attributes;
    for (const item of this.items.values()) copy.put(item.copy());
    return copy;
  }
}

function firstAt(order: readonly string[], key: string): number {
  let low = 0;
  let high = order.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((order[middle] ?? "") < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

import { AzureError } from "../azure-error.js";
import { Content } from "./content.js";
import { FileIds } from "./file-ids.js";
import { StoredDirectory, StoredFile } from "./stored-item.js";
import { isoDate, TICKS_PER_SECOND, type TickClock, type Ticks } from "./ticks.js";

const MOST_SNAPSHOTS = 200;

/** A read-only copy of a share. */
export interface ShareSnapshot {
  root: StoredDirectory;
  metadata: Readonly<Record<string, string>>;
  modified: Ticks;
}

/** A share: a tree of directories and files, with snapshots. */
export class Share {
  readonly root: StoredDirectory;
  /** Snapshots by ID, which is a date in whole seconds such as `2019-08-16T22:26:59.0000000Z`. */
  readonly snapshots = new Map<string, ShareSnapshot>();
  metadata: Readonly<Record<string, string>> = {};
  /** Size limit in GiB. */
  quota = 5120;
  modified: Ticks;
  readonly createdAt: Ticks;
  /** The second in the ID of the last snapshot. IDs of snapshots within one second are seconds in the future. */
  private lastSnapshot = 0n;
  private readonly ids = new FileIds();

  constructor(
    readonly name: string,
    readonly clock: TickClock,
  ) {
    this.modified = clock.next();
    this.createdAt = this.modified;
    this.root = new StoredDirectory("", "0", this.modified);
  }

  /** Creates a directory that is not yet part of the tree. */
  newDirectory(name: string): StoredDirectory {
    return new StoredDirectory(name, this.ids.next(), this.clock.next());
  }

  /** Creates a file that is not yet part of the tree. */
  newFile(name: string, content = Content.zeros(0)): StoredFile {
    return new StoredFile(name, this.ids.next(), this.clock.next(), content);
  }

  /** Updates the times and the entity tag after a change of the content or of the properties. */
  touch(item: StoredFile | StoredDirectory, what: "content" | "properties" = "properties"): void {
    const now = this.clock.next();
    item.modified = now;
    item.times.change = now;
    if (what === "content") item.times.lastWrite = now;
  }

  /** Takes a snapshot. Returns its ID. */
  takeSnapshot(metadata = this.metadata): string {
    if (this.snapshots.size >= MOST_SNAPSHOTS) throw new AzureError("ShareSnapshotCountExceeded");
    const second = this.clock.next() / TICKS_PER_SECOND;
    this.lastSnapshot = second > this.lastSnapshot ? second : this.lastSnapshot + 1n;
    const name = isoDate(this.lastSnapshot * TICKS_PER_SECOND);
    this.snapshots.set(name, { root: this.root.copy(), metadata, modified: this.modified });
    return name;
  }
}

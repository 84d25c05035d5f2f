import { AzureError } from "../azure-error.js";
import { Content } from "./content.js";
import { FileIds } from "./file-ids.js";
import { StoredDirectory, StoredFile } from "./stored-item.js";
import { isoDate, type TickClock, type Ticks } from "./ticks.js";

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
  /** Snapshots by ID, which is a date such as `2017-05-10T17:52:33.9551861Z`. */
  readonly snapshots = new Map<string, ShareSnapshot>();
  metadata: Readonly<Record<string, string>> = {};
  /** Size limit in GiB. */
  quota = 5120;
  modified: Ticks;
  private readonly ids = new FileIds();

  constructor(
    readonly name: string,
    readonly clock: TickClock,
  ) {
    this.modified = clock.next();
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
    const name = isoDate(this.clock.next());
    this.snapshots.set(name, { root: this.root.copy(), metadata, modified: this.modified });
    return name;
  }
}

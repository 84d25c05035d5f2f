import { AzureError } from "../azure-error.js";
import { Content } from "./content.js";
import { FileIds } from "./file-ids.js";
import { StoredDirectory, StoredFile } from "./stored-item.js";
import { isoDate, type TickClock, type Ticks } from "./ticks.js";

const MOST_SNAPSHOTS = 200;

/** A share as it was at a moment. */
export interface ShareSnapshot {
  root: StoredDirectory;
  metadata: Readonly<Record<string, string>>;
  modified: Ticks;
}

/** A share: a tree of directories and files, and its snapshots. */
export class Share {
  readonly root: StoredDirectory;
  /** By the date that names them: `2017-05-10T17:52:33.9551861Z`. */
  readonly snapshots = new Map<string, ShareSnapshot>();
  metadata: Readonly<Record<string, string>> = {};
  /** GiB. */
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

  /** A new directory, not yet anywhere. */
  newDirectory(name: string): StoredDirectory {
    return new StoredDirectory(name, this.ids.next(), this.clock.next());
  }

  /** A new file, not yet anywhere. */
  newFile(name: string, content = Content.zeros(0)): StoredFile {
    return new StoredFile(name, this.ids.next(), this.clock.next(), content);
  }

  /** Notes that a file's content (`"content"`) or only what is said about it was changed. */
  touch(item: StoredFile | StoredDirectory, what: "content" | "properties" = "properties"): void {
    const now = this.clock.next();
    item.modified = now;
    item.times.change = now;
    if (what === "content") item.times.lastWrite = now;
  }

  /** Keeps the share as it is now; returns the snapshot's name. */
  takeSnapshot(metadata = this.metadata): string {
    if (this.snapshots.size >= MOST_SNAPSHOTS) throw new AzureError("ShareSnapshotCountExceeded");
    const name = isoDate(this.clock.next());
    this.snapshots.set(name, { root: this.root.copy(), metadata, modified: this.modified });
    return name;
  }
}

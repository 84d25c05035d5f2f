import type { ObjectDatabase } from "./object-database.js";
import { EMPTY_TREE, type FileMode, readTree, serializeTree, type TreeEntry } from "./tree.js";

interface Folder {
  entries: Map<string, TreeEntry | Folder>;
  rawName: Buffer;
}

const isFolder = (node: TreeEntry | Folder | undefined): node is Folder => node !== undefined && "entries" in node;

/** A tree being changed: loads only the directories that a change goes through, writes only those again. */
export class TreeEditor {
  private constructor(
    private readonly objects: ObjectDatabase,
    private readonly root: Folder,
  ) {}

  /** Starts from a tree that the repository has, or from nothing. */
  static async open(objects: ObjectDatabase, base: string | undefined): Promise<TreeEditor> {
    return new TreeEditor(objects, await load(objects, base ?? EMPTY_TREE, Buffer.alloc(0)));
  }

  /** Puts an entry at a path; directories come into being, a file in the way of a directory gives way. */
  async set(path: string, mode: FileMode, oid: string): Promise<void> {
    const names = path.split("/");
    const last = names.pop() ?? "";
    let folder = this.root;
    for (const name of names) folder = await this.enter(folder, name, true);
    folder.entries.set(last, { mode, name: last, rawName: Buffer.from(last), oid });
  }

  /** Takes away what is at a path. Returns false when there is nothing. */
  async delete(path: string): Promise<boolean> {
    const names = path.split("/");
    const last = names.pop() ?? "";
    let folder: Folder | undefined = this.root;
    for (const name of names) {
      const node: TreeEntry | Folder | undefined = folder.entries.get(name);
      if (node === undefined || (!isFolder(node) && node.mode !== "040000")) return false;
      folder = await this.enter(folder, name, false);
    }
    return folder.entries.delete(last);
  }

  /** Writes the changed trees and returns the root's id. Directories that hold nothing any more are gone. */
  write(): string {
    return this.writeFolder(this.root);
  }

  private writeFolder(folder: Folder): string {
    const entries: TreeEntry[] = [];
    for (const [name, node] of folder.entries) {
      if (!isFolder(node)) entries.push(node);
      else {
        const oid = this.writeFolder(node);
        if (oid !== EMPTY_TREE) entries.push({ mode: "040000", name, rawName: node.rawName, oid });
      }
    }
    return this.objects.write("tree", serializeTree(entries));
  }

  private async enter(folder: Folder, name: string, create: boolean): Promise<Folder> {
    const node = folder.entries.get(name);
    if (isFolder(node)) return node;
    const isTree = node?.mode === "040000";
    if (!isTree && !create) throw new Error(`${name} is not a directory`);
    const rawName = isTree ? node.rawName : Buffer.from(name);
    const opened = await load(this.objects, isTree ? node.oid : EMPTY_TREE, rawName);
    folder.entries.set(name, opened);
    return opened;
  }
}

async function load(objects: ObjectDatabase, oid: string, rawName: Buffer): Promise<Folder> {
  const entries = await readTree(objects, oid);
  return { entries: new Map(entries.map((entry) => [entry.rawName.toString("utf8"), entry])), rawName };
}

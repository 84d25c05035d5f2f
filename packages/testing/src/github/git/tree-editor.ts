import type { ObjectDatabase } from "./object-database.js";
import { EMPTY_TREE, type FileMode, readTree, serializeTree, type TreeEntry } from "./tree.js";

interface Folder {
  entries: Map<string, TreeEntry | Folder>;
  rawName: Buffer;
}

const isFolder = (node: TreeEntry | Folder | undefined): node is Folder => node !== undefined && "entries" in node;

/** Edits a tree. Loads and writes only the directories on the paths of changes. */
export class TreeEditor {
  private constructor(
    private readonly objects: ObjectDatabase,
    private readonly root: Folder,
  ) {}

  /** Opens a tree of the repository, or an empty one. */
  static async open(objects: ObjectDatabase, base: string | undefined): Promise<TreeEditor> {
    return new TreeEditor(objects, await load(objects, base ?? EMPTY_TREE, Buffer.alloc(0)));
  }

  /** Sets the entry at a path. Creates directories, which replace files of the same path. */
  async set(path: string, mode: FileMode, oid: string): Promise<void> {
    const names = path.split("/");
    const last = names.pop() ?? "";
    let folder = this.root;
    for (const name of names) folder = await this.enter(folder, name, true);
    folder.entries.set(last, { mode, name: last, rawName: Buffer.from(last), oid });
  }

  /** Deletes the entry at a path. Returns false when it does not exist. */
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

  /** Writes the changed trees without empty directories. Returns the ID of the root. */
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

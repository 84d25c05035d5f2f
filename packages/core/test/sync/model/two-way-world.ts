import { hashObject } from "../../../src/git/object-id.js";

/** A rule of the engine that a test leaves out, to show that the properties catch it. */
export type Rule =
  | "base only after confirmation"
  | "older base in doubt"
  | "commit first"
  | "versions in no history are kept"
  | "ignored paths are left alone"
  | "conditional swap"
  | "unpublished after a rewrite";

export type Tree = Map<string, string>;

export const PATHS = ["a", "b", "d/e"] as const;

/** A commit of the branch, with all versions that its history contains. */
export interface Commit {
  readonly tree: ReadonlyMap<string, string>;
  readonly history: ReadonlySet<string>;
  readonly number: number;
  readonly parent: Commit | null;
}

/** Two plain trees with the lineage of every version, and what people wrote. */
export class World {
  readonly blobs = new Map<string, Uint8Array>();
  readonly projects: readonly Tree[];
  readonly asides = new Set<string>();
  readonly ignored = new Set<string>();
  head: Commit;
  readonly #parents = new Map<string, readonly string[]>();
  readonly #written = new Set<string>();
  #count = 0;
  #commits = 0;

  constructor(hosts: number) {
    const tree = new Map(PATHS.slice(0, 2).map((path) => [path, this.#version(`${path}0`, `${path}0`)]));
    this.head = { tree, history: new Set([...tree].map(keyOf)), number: 0, parent: null };
    this.projects = Array.from({ length: hosts }, () => new Map<string, string>());
  }

  oid(text: string): string {
    const bytes = Buffer.from(text);
    const oid = hashObject("blob", bytes, "sha1");
    this.blobs.set(oid, bytes);
    return oid;
  }

  text(oid: string): string {
    const bytes = this.blobs.get(oid);
    if (bytes === undefined) throw new Error("a content is missing");
    return Buffer.from(bytes).toString();
  }

  /** Returns a person's new version of a file: one of two lines that merge changes. */
  edited(before: string | undefined, isTop: boolean): string {
    this.#count += 1;
    const [top = "t", , , , bottom = "b"] = before?.split("\n") ?? [];
    const token = `v${this.#count}`;
    const text = this.#version(isTop ? token : top, isTop ? bottom : token);
    if (before !== undefined) this.#parents.set(text, [before]);
    return text;
  }

  /** Records that a version was made of two others. */
  merged(text: string, ...parents: readonly string[]): void {
    const others = parents.filter((parent) => parent !== text);
    this.#parents.set(text, [...(this.#parents.get(text) ?? []), ...others]);
  }

  wrote(path: string, text: string): void {
    this.#written.add(keyOf([path, text]));
  }

  /** A person deletes a version: it and what it was made from need not be kept. */
  gaveUp(path: string, text: string): void {
    for (const ancestor of this.ancestors(text)) this.#written.delete(keyOf([path, ancestor]));
  }

  commit(tree: ReadonlyMap<string, string>, parent: Commit | null): Commit {
    this.#commits += 1;
    const history = new Set([...(parent?.history ?? []), ...[...tree].map(keyOf)]);
    this.head = { tree: new Map(tree), history, number: this.#commits, parent };
    return this.head;
  }

  /** A person force-pushes an earlier commit: what only the dropped commits had need not be kept. */
  rewrite(): void {
    if (this.head.parent === null) return;
    this.head = this.head.parent;
    for (const lost of this.lost()) this.#written.delete(lost);
  }

  hasInHistory(commit: number): boolean {
    for (let at: Commit | null = this.head; at !== null; at = at.parent) if (at.number === commit) return true;
    return false;
  }

  /** Returns what people wrote that is neither at its path, nor made into what is there, nor in the history, nor aside. */
  lost(): string[] {
    const kept = new Set<string>();
    const keep = (path: string, text: string): void => {
      for (const ancestor of this.ancestors(text)) kept.add(keyOf([path, ancestor]));
    };
    for (const project of this.projects) for (const [path, text] of project) keep(path, text);
    for (const key of [...this.head.history, ...this.asides]) {
      const [path = "", text = ""] = key.split("\0");
      keep(path, text);
    }
    return [...this.#written].filter((key) => !kept.has(key));
  }

  ancestors(text: string, found = new Set<string>()): Set<string> {
    if (found.has(text)) return found;
    found.add(text);
    for (const parent of this.#parents.get(text) ?? []) this.ancestors(parent, found);
    return found;
  }

  #version(top: string, bottom: string): string {
    return `${top}\n1\n2\n3\n${bottom}\n`;
  }
}

export function keyOf([path, text]: readonly [string, string]): string {
  return `${path}\0${text}`;
}

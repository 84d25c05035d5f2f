import { type Dirent, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { LineProcess } from "./line-process.js";
import type { ProcessPool } from "./process-pool.js";

/** A reference and the object that it points at. */
export interface Ref {
  /** Full name, such as `refs/heads/main`. */
  name: string;
  oid: string;
}

/** An update in a ref transaction. */
export interface RefMove {
  name: string;
  /** Required current object ID; null when the ref must not exist; absent to skip the check. */
  before?: string | null;
  /** New object ID; null deletes the ref. */
  after: string | null;
}

/** A ref transaction that git refused as a whole. */
export class RefRefusedError extends Error {
  override readonly name = "RefRefusedError";

  /** True when a ref does not have the required object ID or is locked by another writer. */
  get isConflict(): boolean {
    return /but expected|already exists|unable to resolve reference|Unable to create/.test(this.message);
  }
}

const ZERO = "0".repeat(40);

/** The refs of a bare repository. Reads the files of refs and updates them with `git update-ref`, which uses git's locks. */
export class RefDatabase {
  private readonly updates: LineProcess;
  private packed: { stamp: string; refs: Map<string, string> } = { stamp: "", refs: new Map() };

  constructor(
    private readonly gitDir: string,
    pool: ProcessPool,
  ) {
    this.updates = new LineProcess(gitDir, ["update-ref", "--stdin"], pool);
  }

  /** Returns the object ID that a ref (full name) points at, or `undefined` when it does not exist. */
  read(name: string): string | undefined {
    if (!isSafeName(name)) return undefined;
    // `git pack-refs` can pack a loose ref between the first two reads, and an update can make it loose again.
    return this.readLoose(name) ?? this.readPacked().get(name) ?? this.readLoose(name);
  }

  /** Returns the refs whose full name starts with `prefix`, in the byte order of their names. */
  list(prefix = "refs/"): Ref[] {
    const refs = new Map(this.readPacked());
    for (const name of this.looseNames("refs")) {
      const oid = this.readLoose(name);
      if (oid !== undefined) refs.set(name, oid);
    }
    return [...refs]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, oid]) => ({ name, oid }))
      .sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  }

  /**
   * Updates all refs or none.
   *
   * @throws RefRefusedError with git's message
   */
  async move(moves: readonly RefMove[]): Promise<void> {
    const commands = moves.map(command).join("");
    try {
      await this.updates.ask(`start\n${commands}prepare\ncommit\n`, (buffer) =>
        buffer.includes("commit: ok\n") ? { value: undefined } : undefined,
      );
    } catch (error) {
      throw new RefRefusedError(String(error instanceof Error ? error.message : error).replace(/^fatal: /, ""));
    }
  }

  private readLoose(name: string): string | undefined {
    try {
      const content = readFileSync(join(this.gitDir, name), "latin1").trim();
      return /^[0-9a-f]{40}$/.test(content) ? content : undefined;
    } catch {
      return undefined;
    }
  }

  private readPacked(): Map<string, string> {
    const path = join(this.gitDir, "packed-refs");
    const stat = statSync(path, { throwIfNoEntry: false, bigint: true });
    if (stat === undefined) return new Map();
    const stamp = `${stat.ino}:${stat.mtimeNs}:${stat.size}`;
    if (this.packed.stamp !== stamp) {
      const lines = readFileSync(path, "utf8").matchAll(/^([0-9a-f]{40}) (\S+)$/gm);
      this.packed = { stamp, refs: new Map([...lines].map(([, oid = "", name = ""]) => [name, oid])) };
    }
    return this.packed.refs;
  }

  private looseNames(folder: string): string[] {
    let entries: Dirent[];
    try {
      entries = readdirSync(join(this.gitDir, folder), { withFileTypes: true });
    } catch {
      return [];
    }
    return entries.flatMap((entry) => {
      const name = `${folder}/${entry.name}`;
      return entry.isDirectory() ? this.looseNames(name) : entry.name.endsWith(".lock") ? [] : [name];
    });
  }
}

function command({ name, before, after }: RefMove): string {
  if (after === null) return before == null ? `delete ${name}\n` : `delete ${name} ${before}\n`;
  if (before === undefined) return `update ${name} ${after}\n`;
  return `update ${name} ${after} ${before ?? ZERO}\n`;
}

function isSafeName(name: string): boolean {
  return name.startsWith("refs/") && isValidRefName(name);
}

/** True when git accepts a full ref name (git-check-ref-format(1)). */
export function isValidRefName(name: string): boolean {
  return (
    name.includes("/") &&
    // biome-ignore lint/suspicious/noControlCharactersInRegex: git forbids these bytes in ref names
    !/[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|\/$|^\/|\.$/.test(name) &&
    name.split("/").every((part) => !part.startsWith(".") && !part.endsWith(".lock"))
  );
}

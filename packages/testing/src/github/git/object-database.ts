import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { constants, deflateSync, inflateSync } from "node:zlib";
import type { GitObject, ObjectType } from "./git-object.js";
import { runGit } from "./git-process.js";
import { LineProcess } from "./line-process.js";
import type { ObjectCache } from "./object-cache.js";
import type { ProcessPool } from "./process-pool.js";

/** Returns git's ID of an object: the SHA-1 of header and body. */
function objectId(type: ObjectType, body: Uint8Array): string {
  return createHash("sha1").update(`${type} ${body.length}\0`).update(body).digest("hex");
}

/**
 * The objects of a bare repository. Writes loose objects without starting git; reads from memory, from loose files, or for
 * packed objects through a long-running `git cat-file --batch`.
 */
export class ObjectDatabase {
  private readonly known = new Set<string>();
  private readonly batch: LineProcess;

  constructor(
    private readonly gitDir: string,
    private readonly cache: ObjectCache,
    pool: ProcessPool,
  ) {
    this.batch = new LineProcess(gitDir, ["cat-file", "--batch"], pool);
  }

  /** Stores an object on disk, unless it exists, and returns its ID. */
  write(type: ObjectType, body: Buffer): string {
    const oid = objectId(type, body);
    if (this.known.has(oid)) return oid;
    this.writeLoose(this.loosePath(oid), type, body);
    this.remember(oid, { type, body });
    return oid;
  }

  /** Returns an object, or `undefined` when the repository does not have it. `oid` must have 40 hexadecimal digits. */
  async read(oid: string): Promise<GitObject | undefined> {
    const cached = this.known.has(oid) ? this.cache.get(oid) : undefined;
    const object = cached ?? this.readLoose(oid) ?? (await this.readPacked(oid));
    if (object !== undefined && cached === undefined) this.remember(oid, object);
    return object;
  }

  /** Returns the body of an object of a type, or `undefined` when the repository does not have it. */
  async readAs(type: ObjectType, oid: string): Promise<Buffer | undefined> {
    const object = await this.read(oid);
    return object?.type === type ? object.body : undefined;
  }

  /** True when the repository has an object. */
  async has(oid: string): Promise<boolean> {
    return this.known.has(oid) || (await this.read(oid)) !== undefined;
  }

  /** Returns the sizes of objects in bytes. Missing objects have no entry. */
  async sizes(oids: Iterable<string>): Promise<Map<string, number>> {
    const sizes = new Map<string, number>();
    const unknown: string[] = [];
    for (const oid of new Set(oids)) {
      const size = this.cache.size(oid);
      if (size === undefined) unknown.push(oid);
      else sizes.set(oid, size);
    }
    if (unknown.length === 0) return sizes;
    const { stdout } = await runGit(this.gitDir, ["cat-file", "--batch-check", "--buffer"], {
      input: `${unknown.join("\n")}\n`,
    });
    for (const line of stdout.toString().split("\n")) {
      const [oid, , size] = line.split(" ");
      if (oid === undefined || size === undefined) continue;
      sizes.set(oid, Number(size));
      this.cache.setSize(oid, Number(size));
    }
    return sizes;
  }

  private remember(oid: string, object: GitObject): void {
    this.known.add(oid);
    this.cache.set(oid, object);
  }

  private loosePath(oid: string): string {
    return join(this.gitDir, "objects", oid.slice(0, 2), oid.slice(2));
  }

  private writeLoose(path: string, type: ObjectType, body: Buffer): void {
    const deflated = deflateSync(Buffer.concat([Buffer.from(`${type} ${body.length}\0`), body]), {
      level: constants.Z_BEST_SPEED,
    });
    // A rename is atomic, so that concurrent git processes never read a partial object.
    const temporary = join(this.gitDir, "objects", `tmp_obj_${randomBytes(6).toString("hex")}`);
    writeFileSync(temporary, deflated, { mode: 0o444 });
    try {
      renameSync(temporary, path);
    } catch {
      // The folder does not exist before its first object, and `git gc` removes it when all its objects are packed.
      mkdirSync(dirname(path), { recursive: true });
      renameSync(temporary, path);
    }
  }

  private readLoose(oid: string): GitObject | undefined {
    let deflated: Buffer;
    try {
      deflated = readFileSync(this.loosePath(oid));
    } catch {
      return undefined;
    }
    const inflated = inflateSync(deflated);
    const end = inflated.indexOf(0);
    const type = inflated.subarray(0, inflated.indexOf(0x20)).toString() as ObjectType;
    return { type, body: inflated.subarray(end + 1) };
  }

  private readPacked(oid: string): Promise<GitObject | undefined> {
    return this.batch.ask(`${oid}\n`, parseBatchResponse);
  }
}

/** `<oid> SP <type> SP <size> LF <contents> LF`, or `<oid> missing LF` (git-cat-file(1), BATCH OUTPUT). */
function parseBatchResponse(buffer: Buffer): { value: GitObject | undefined } | undefined {
  const end = buffer.indexOf(0x0a);
  if (end === -1) return undefined;
  const [, type, size] = buffer.subarray(0, end).toString().split(" ");
  if (size === undefined) return { value: undefined };
  const used = end + 1 + Number(size) + 1;
  if (buffer.length < used) return undefined;
  return { value: { type: type as ObjectType, body: Buffer.from(buffer.subarray(end + 1, used - 1)) } };
}

import type { GitObject } from "./git-object.js";

/** Objects above this size are read again from disk: they would push everything else out. */
const LARGEST = 1024 * 1024;

/** Git objects by content address, shared by all repositories of a box, bounded in bytes (oldest goes first). */
export class ObjectCache {
  private readonly objects = new Map<string, GitObject>();
  private readonly blobSizes = new Map<string, number>();
  private bytes = 0;

  constructor(private readonly limit = 48 * 1024 * 1024) {}

  get(oid: string): GitObject | undefined {
    return this.objects.get(oid);
  }

  set(oid: string, object: GitObject): void {
    this.blobSizes.set(oid, object.body.length);
    if (object.body.length > LARGEST || this.objects.has(oid)) return;
    this.objects.set(oid, object);
    this.bytes += object.body.length;
    for (const [oldest, { body }] of this.objects) {
      if (this.bytes <= this.limit) return;
      this.objects.delete(oldest);
      this.bytes -= body.length;
    }
  }

  /** Size in bytes of an object that was seen before. */
  size(oid: string): number | undefined {
    return this.blobSizes.get(oid);
  }

  setSize(oid: string, size: number): void {
    this.blobSizes.set(oid, size);
  }
}

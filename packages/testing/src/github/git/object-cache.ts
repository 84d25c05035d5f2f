import type { GitObject } from "./git-object.js";

/** Maximum size in bytes of a cached object. Larger objects would displace all others. */
const LARGEST = 1024 * 1024;

/** A cache of git objects by ID for all repositories of a box. It is limited in bytes and evicts the oldest objects first. */
export class ObjectCache {
  private readonly objects = new Map<string, GitObject>();
  private readonly blobSizes = new Map<string, number>();
  private bytes = 0;

  constructor(private readonly limit = 48 * 1024 * 1024) {}

  /** Returns a cached object. */
  get(oid: string): GitObject | undefined {
    return this.objects.get(oid);
  }

  /** Caches an object. */
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

  /** Returns the size in bytes of an object, if it is known. */
  size(oid: string): number | undefined {
    return this.blobSizes.get(oid);
  }

  /** Remembers the size of an object. */
  setSize(oid: string, size: number): void {
    this.blobSizes.set(oid, size);
  }
}

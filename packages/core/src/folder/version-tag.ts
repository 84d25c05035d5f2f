/** The attributes of a file that distinguish its versions. Times are in nanoseconds since the epoch. */
export interface FileStamp {
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly ino: bigint;
}

const NANOSECONDS_PER_MILLISECOND = 1_000_000n;
const NANOSECONDS_PER_SECOND = 1_000_000_000n;

// Kernels use the time of the last timer tick, at most 10 ms ago (HZ=100).
const FINE_GRANULARITY = 20n * NANOSECONDS_PER_MILLISECOND;
// FAT stores even seconds, and some systems round up.
const COARSE_GRANULARITY = 3n * NANOSECONDS_PER_SECOND;

/**
 * Returns a text that changes with each later write, or `null` while a write could leave the same stamp.
 *
 * This is git's rule for racy files: a write sets the ctime and mtime to the present in the granularity of the file system, so
 * a stamp is reliable once it is older than that granularity.
 *
 * @param now epoch milliseconds, read before the stamp
 * @see https://git-scm.com/docs/racy-git
 */
export function versionTag(stamp: FileStamp, now: number): string | null {
  const { size, mtimeNs, ctimeNs, ino } = stamp;
  const present = BigInt(Math.floor(now)) * NANOSECONDS_PER_MILLISECOND;
  const granularity = isWholeSecond(mtimeNs) || isWholeSecond(ctimeNs) ? COARSE_GRANULARITY : FINE_GRANULARITY;
  if (ctimeNs > present - granularity) return null;
  // A modification time far in the future was set explicitly; a write would reset it to the present.
  if (mtimeNs > present - granularity && mtimeNs < present + granularity) return null;
  return `${size}-${mtimeNs}-${ctimeNs}-${ino}`;
}

/** Returns true if two stamps of one path show the same file without a write in between, as far as stamps can show that. */
export function isSameStamp(a: FileStamp, b: FileStamp): boolean {
  return a.size === b.size && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs && a.ino === b.ino;
}

function isWholeSecond(nanoseconds: bigint): boolean {
  return nanoseconds % NANOSECONDS_PER_SECOND === 0n;
}

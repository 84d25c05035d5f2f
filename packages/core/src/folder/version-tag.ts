/** What a file system says of a file, as far as it tells versions apart; times in nanoseconds since the epoch. */
export interface FileStamp {
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly ino: bigint;
}

const NANOSECONDS_PER_MILLISECOND = 1_000_000n;
const NANOSECONDS_PER_SECOND = 1_000_000_000n;

// Kernels stamp files with the time of the last timer tick, at most 10 ms ago (HZ=100).
const FINE_GRANULARITY = 20n * NANOSECONDS_PER_MILLISECOND;
// FAT keeps even seconds, and some systems round up.
const COARSE_GRANULARITY = 3n * NANOSECONDS_PER_SECOND;

/**
 * A text that is another one after every later write, or `null` while a write could still leave the same stamp: git's racy
 * rule (https://git-scm.com/docs/racy-git). A write sets the ctime, and the mtime too, to the present as coarsely as the
 * file system keeps it; so a stamp can be trusted once it is older than that granularity.
 *
 * @param now epoch milliseconds, taken before the stamp was.
 */
export function versionTag(stamp: FileStamp, now: number): string | null {
  const { size, mtimeNs, ctimeNs, ino } = stamp;
  const present = BigInt(Math.floor(now)) * NANOSECONDS_PER_MILLISECOND;
  const granularity = isWholeSecond(mtimeNs) || isWholeSecond(ctimeNs) ? COARSE_GRANULARITY : FINE_GRANULARITY;
  if (ctimeNs > present - granularity) return null;
  // A modification time far ahead was set by hand; a write would bring it back to the present.
  if (mtimeNs > present - granularity && mtimeNs < present + granularity) return null;
  return `${size}-${mtimeNs}-${ctimeNs}-${ino}`;
}

/** Whether two stamps of one path show the same file with nothing written in between, as far as stamps can show it. */
export function isSameStamp(a: FileStamp, b: FileStamp): boolean {
  return a.size === b.size && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs && a.ino === b.ino;
}

function isWholeSecond(nanoseconds: bigint): boolean {
  return nanoseconds % NANOSECONDS_PER_SECOND === 0n;
}

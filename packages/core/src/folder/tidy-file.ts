import { readdir, unlink } from "node:fs/promises";
import { posix } from "node:path";
import { type FilePlace, statsOf } from "./file-place.js";
import { fileDigest, type HiddenName, operationDigest, parseHiddenName } from "./hidden-name.js";
import type { OpenDirectory } from "./open-directory.js";

// New content comes first: where it replaces the empty file that it claimed, the old version is not put back.
const ORDER = ["claimed-new", "new", "claimed-aside", "aside"];

/** Returns the hidden files that an operation left in a directory, in the order in which they have to be tidied. */
export async function hiddenFilesOf(operation: string, directory: OpenDirectory): Promise<readonly HiddenName[]> {
  const digest = operationDigest(operation);
  return (await readdir(directory.location))
    .map(parseHiddenName)
    .filter((hidden) => hidden !== null)
    .filter((hidden) => hidden.operation === digest)
    .sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
}

/** Finishes or takes back the write of one file. */
export async function tidyFile(place: FilePlace, left: readonly HiddenName[]): Promise<void> {
  const digest = fileDigest(posix.basename(place.path));
  for (const hidden of left) {
    if (hidden.file !== digest) continue;
    if (hidden.kind === "claimed-new" || hidden.kind === "new") await tidyNew(place, hidden);
    else await tidyAside(place, hidden);
  }
}

async function tidyNew(place: FilePlace, hidden: HiddenName): Promise<void> {
  if (hidden.kind === "claimed-new" && (await place.finishClaim(hidden))) return;
  await unlink(place.at(hidden));
}

async function tidyAside(place: FilePlace, hidden: HiddenName): Promise<void> {
  const present = await statsOf(place.location);
  if (present === null) return place.putBack(hidden);
  if (hidden.kind === "claimed-aside" && (await place.finishClaim(hidden))) return;
  const stats = await statsOf(place.at(hidden));
  if (stats === null) return;
  const isSameFile = stats.ino === present.ino && stats.dev === present.dev;
  if (isSameFile || (await isExpectedToDrop(place, hidden, Number(stats.size)))) return unlink(place.at(hidden));
  return place.keep(hidden);
}

/** Only the version that was expected is dropped: the process may have been killed before it compared what it moved aside. */
async function isExpectedToDrop(place: FilePlace, hidden: HiddenName, size: number): Promise<boolean> {
  if (hidden.keep === "aside" || hidden.oid === null) return false;
  const stats = await statsOf(place.at(hidden));
  return stats !== null && place.has({ oid: hidden.oid, size }, stats, hidden);
}

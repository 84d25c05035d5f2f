import { AzureError } from "../azure-error.js";

/** @see https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-shares--directories--files--and-metadata */
// biome-ignore lint/suspicious/noControlCharactersInRegex: Azure forbids these characters
const FORBIDDEN = /["\\/:|<>*?\u0000-\u001f]/;
const RESERVED = /^(LPT[1-9]|COM[1-9]|PRN|AUX|NUL|CON|CLOCK\$|\.|\.\.)$/i;
const LONGEST_NAME = 255;
const LONGEST_PATH = 2048;
const DEEPEST_PATH = 250;

/**
 * Checks the name of a share.
 *
 * @throws AzureError `InvalidResourceName` or `OutOfRangeInput`
 */
export function checkShareName(name: string): void {
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) throw new AzureError("InvalidResourceName");
  if (name.length < 3 || name.length > 63) throw new AzureError("OutOfRangeInput");
}

/**
 * Checks the path of a file or directory.
 *
 * @throws AzureError `InvalidFileOrDirectoryPathName` or `InvalidResourceName`
 */
export function checkPath(segments: readonly string[]): void {
  if (segments.length > DEEPEST_PATH || segments.join("/").length > LONGEST_PATH) {
    throw new AzureError("InvalidFileOrDirectoryPathName");
  }
  for (const segment of segments) {
    if (segment === "" || segment.length > LONGEST_NAME || FORBIDDEN.test(segment) || RESERVED.test(segment)) {
      throw new AzureError("InvalidResourceName");
    }
  }
}

/** Returns the segments without trailing dots, as SMB sees them. */
export function trimTrailingDots(segments: readonly string[]): string[] {
  return segments.map((segment) => (/^\.{1,2}$/.test(segment) ? segment : segment.replace(/\.+$/, "")));
}

/** Returns the key under which Azure finds a name: names keep their case, but lookups ignore it. */
export function foldName(name: string): string {
  let folded = "";
  for (const character of name) {
    const upper = character.toUpperCase();
    folded += upper.length === character.length ? upper : character;
  }
  return folded;
}

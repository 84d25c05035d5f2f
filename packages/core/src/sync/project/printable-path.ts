/** Quotes a path with control characters, so that a file name cannot control a terminal. */
export function printablePath(path: string): string {
  return /\p{Cc}/u.test(path) ? JSON.stringify(path) : path;
}

/** Joins two colliding paths. Paths that look the same, because only their Unicode form differs, are escaped. */
export function printablePair(first: string, second: string): string {
  const looksTheSame = first.normalize("NFC") === second.normalize("NFC");
  const print = looksTheSame ? escaped : printablePath;
  return `${print(first)} and ${print(second)}`;
}

function escaped(path: string): string {
  const escapeUnit = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return `"${path.replaceAll(/[^\x20-\x7e]/g, escapeUnit)}"`;
}

import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** What became of a file that was to be put in place. */
export type Placement = "created" | "unchanged" | "updated" | "replaced" | "left";

const MARK = /^\/\/ infrajet-github-prisma ([0-9a-f]{64})\n/;

/** A text under a line that tells whether somebody changed it since. */
export function marked(text: string): string {
  return `// infrajet-github-prisma ${sha256(text)}\n${text}`;
}

/**
 * Writes a file unless it is there with other content: then only when it still is what an earlier version wrote (its mark
 * says so), or when `force` is set.
 */
export async function placeFile(path: string, text: string, force: boolean): Promise<Placement> {
  const held = await readFile(path, "utf8").catch(() => null);
  if (held === text) return "unchanged";
  if (held !== null && !isUntouched(held) && !force) return "left";
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  if (held === null) return "created";
  return isUntouched(held) ? "updated" : "replaced";
}

function isUntouched(text: string): boolean {
  const mark = MARK.exec(text);
  return mark !== null && sha256(text.slice(mark[0].length)) === mark[1];
}

function sha256(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** The outcome of {@link placeFile}. `kept`: the host changed the file, and it was not replaced. */
export type Placement = "created" | "unchanged" | "updated" | "replaced" | "kept";

const MARK = /^\/\/ infrajet-github-prisma ([0-9a-f]{64})\n/;

/** Returns the text below a first line with its checksum, by which later changes are detected. */
export function marked(text: string): string {
  return `// infrajet-github-prisma ${sha256(text)}\n${text}`;
}

/**
 * Writes a file. An existing file with other content is replaced only when its checksum shows that an earlier version of this
 * package wrote it, or when `force` is set.
 */
export async function placeFile(path: string, text: string, force: boolean): Promise<Placement> {
  const held = await readFile(path, "utf8").catch(() => null);
  if (held === text) return "unchanged";
  if (held !== null && !isUntouched(held) && !force) return "kept";
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

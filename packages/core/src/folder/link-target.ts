import { posix } from "node:path";
import type { NewContent } from "../adapters/project-files.js";
import { verifiedContent } from "../domain/blob-hash.js";
import { parentOf } from "./project-tree.js";

/** The longest target of a link in bytes (`PATH_MAX` without the NUL). */
const MAX_BYTES = 4095;

/**
 * Reads the target of a link to write.
 *
 * @returns a sentence instead when the project cannot contain the link. One that leads out of the project is refused, because a
 * program that follows it would read or write a file that the branch chose.
 * @throws the error of the content
 */
export async function linkTargetOf(
  path: string,
  content: NewContent,
): Promise<{ readonly target: Buffer } | { readonly problem: string }> {
  if (content.size === 0 || content.size > MAX_BYTES) {
    return {
      problem: `${path} is a symbolic link with a target of ${content.size} bytes, which file systems do not support.`,
    };
  }
  const pieces: Uint8Array[] = [];
  for await (const piece of verifiedContent(content, content.bytes())) pieces.push(piece);
  const target = Buffer.concat(pieces);
  if (target.includes(0)) return { problem: `${path} is a symbolic link whose target contains a NUL character.` };
  if (leavesProject(path, target.toString("latin1"))) {
    return { problem: `${path} is a symbolic link to a place outside of the project.` };
  }
  return { target };
}

function leavesProject(path: string, target: string): boolean {
  if (posix.isAbsolute(target)) return true;
  const [first] = posix.normalize(posix.join(parentOf(path), target)).split("/");
  return first === "..";
}

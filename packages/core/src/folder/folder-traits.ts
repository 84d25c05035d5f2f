import { lstat, opendir } from "node:fs/promises";
import { join, posix } from "node:path";
import type { ProjectTraits } from "../adapters/project-files.js";
import { writablePathProblem } from "../domain/kept-path.js";
import { isGone } from "./file-error.js";
import { parseHiddenName } from "./hidden-name.js";

// https://learn.microsoft.com/windows/win32/fileio/naming-a-file
const WINDOWS_CHARACTERS = /[\\:*?"<>|]/;
const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|com[1-9¹²³]|lpt[1-9¹²³])(?:\.|$)/i;
const MAX_NAME_BYTES = 255;
const NAMES_TO_TRY = 100;

/**
 * Returns the traits of a folder.
 *
 * @param fileMode true when the executable bits of the file system are used
 */
export async function folderTraits(
  root: string,
  fileMode: boolean,
  platform: NodeJS.Platform = process.platform,
): Promise<ProjectTraits> {
  const caseSensitive = await isCaseSensitive(root, platform);
  return {
    modes: fileMode,
    links: platform !== "win32",
    caseSensitive,
    // Directories of Linux that ignore case ignore the normal form too.
    unicodeExact: platform === "win32" || (platform !== "darwin" && caseSensitive),
    refuses: (path) => writablePathProblem(path) ?? namesProblem(path, platform),
  };
}

function namesProblem(path: string, platform: NodeJS.Platform): string | null {
  for (const name of path.split("/")) {
    const problem = nameProblem(name, platform);
    if (problem !== null) return `${JSON.stringify(path)} ${problem}.`;
  }
  return null;
}

function nameProblem(name: string, platform: NodeJS.Platform): string | null {
  if (parseHiddenName(name) !== null) return "is reserved for the temporary files of syncs";
  if (Buffer.from(name, "utf8").toString("utf8") !== name) return "is not well-formed Unicode";
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) return `has a name of more than ${MAX_NAME_BYTES} bytes`;
  if (platform !== "win32") return null;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: Windows does not support them in names
  if (WINDOWS_CHARACTERS.test(name) || /[\u0000-\u001f]/.test(name)) {
    return 'contains one of the characters \\ : * ? " < > | or a control character, which Windows does not support';
  }
  if (/[. ]$/.test(name)) return "ends with a dot or a space, which Windows removes";
  return WINDOWS_DEVICE.test(name) ? "is a device name that Windows reserves" : null;
}

/** Looks up an existing name in another case. Nothing is written, because a project may be opened without a write. */
async function isCaseSensitive(root: string, platform: NodeJS.Platform): Promise<boolean> {
  let left = NAMES_TO_TRY;
  for await (const { name } of await opendir(root)) {
    const found = await tellsCaseApart(root, name);
    left -= 1;
    if (found !== null) return found;
    if (left === 0) break;
  }
  const found = await tellsCaseApart(posix.dirname(root), posix.basename(root));
  return found ?? (platform !== "win32" && platform !== "darwin");
}

/** Returns `null` for a name without another case. */
async function tellsCaseApart(directory: string, name: string): Promise<boolean | null> {
  const other = name === name.toLowerCase() ? name.toUpperCase() : name.toLowerCase();
  if (other === name) return null;
  try {
    const [one, two] = await Promise.all([name, other].map((each) => lstat(join(directory, each), { bigint: true })));
    return one?.ino !== two?.ino;
  } catch (error) {
    if (isGone(error)) return true;
    throw error;
  }
}

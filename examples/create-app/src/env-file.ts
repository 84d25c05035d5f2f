import { chmod, readFile, rename, rm, writeFile } from "node:fs/promises";
import process from "node:process";
import { UsageError } from "./usage-error.js";

/** Variables by name. */
export type Variables = Readonly<Record<string, string>>;

/** Returns variables as the lines of a `.env` file. The values contain no quotes and no line breaks. */
export function formatVariables(variables: Variables): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}="${value}"\n`)
    .join("");
}

/**
 * Rejects a file that has some of the variables already.
 *
 * @throws UsageError when the file has one of them, or cannot be read
 */
export async function assertFree(path: string, names: readonly string[]): Promise<void> {
  const text = await textOf(path);
  const taken = names.find((name) => linePattern(name).test(text));
  if (taken === undefined) return;
  throw new UsageError(
    `${path} already sets ${taken}. Name another file with --env, or replace its variables with --force.`,
  );
}

/** Writes variables to a file that only its owner can read, in place of earlier ones. Other lines are kept. */
export async function writeVariables(path: string, variables: Variables): Promise<void> {
  const kept = Object.keys(variables).reduce(
    (text, name) => text.replaceAll(linePattern(name), ""),
    await textOf(path),
  );
  const separator = kept === "" || kept.endsWith("\n") ? "" : "\n";
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, `${kept}${separator}${formatVariables(variables)}`, { mode: 0o600, flag: "wx" });
    await chmod(temporary, 0o600);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw new UsageError(`${path} cannot be read. Name another file with --env.`);
  }
}

/** Matches the line that sets a variable. A value in quotes may span lines. */
function linePattern(name: string): RegExp {
  return new RegExp(
    `^[ \\t]*(?:export[ \\t]+)?${name}[ \\t]*=(?:[ \\t]*"[^"]*"[^\\n]*|[ \\t]*'[^']*'[^\\n]*|[^\\n]*)\\n?`,
    "gm",
  );
}

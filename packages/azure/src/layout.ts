import type { ProjectKey } from "@infrajet/github/adapters";
import { GitHubSdkError } from "@infrajet/github/errors";
import { assertAzureId } from "./azure-name.js";

/**
 * The directory of a project below the base directory:
 *
 * - `project`: `{userId}/{projectId}`.
 * - `latest-generation`: the newest directory in `{userId}/{projectId}`.
 * - A function that returns the names on the path, one path segment each.
 */
export type ProjectLayout =
  | "project"
  | "latest-generation"
  | ((project: ProjectKey) => readonly string[] | Promise<readonly string[]>);

/**
 * The order of generations: by the directory's name (as numbers when all names are numbers, otherwise as text) or by the
 * directory's creation time.
 */
export type GenerationOrder = "name" | "time";

/** A directory that contains one generation of a project. */
export interface Generation {
  readonly name: string;
  readonly createdAt: Date | undefined;
}

/**
 * Returns the names on the path from the base directory to a project, without its generation.
 *
 * @throws GitHubSdkError `validation_failed` when an id or name is not a valid directory name; `invalid_options` when the
 * layout returns no names
 */
export async function segmentsOf(project: ProjectKey, layout: ProjectLayout): Promise<readonly string[]> {
  assertAzureId(project.userId, "The user id");
  assertAzureId(project.projectId, "The project id");
  if (typeof layout !== "function") return [project.userId, project.projectId];
  const segments = await layout(project);
  if (segments.length === 0)
    throw new GitHubSdkError(
      "invalid_options",
      "The option `layout` returned an empty path. Return at least one directory name.",
    );
  for (const segment of segments) assertAzureId(segment, "A directory of the layout");
  return segments;
}

/** Returns the newest generation, or `null` when there are none. */
export function newestGeneration(generations: readonly Generation[], order: GenerationOrder): Generation | null {
  const areNumbers = generations.every(({ name }) => /^\d+$/.test(name));
  const byName = areNumbers ? compareNumbers : compareTexts;
  const isNewer = (a: Generation, b: Generation): boolean => {
    const later = order === "time" ? (a.createdAt?.getTime() ?? 0) - (b.createdAt?.getTime() ?? 0) : 0;
    return later === 0 ? byName(a.name, b.name) > 0 : later > 0;
  };
  return generations.reduce<Generation | null>((newest, one) => (newest && !isNewer(one, newest) ? newest : one), null);
}

function compareNumbers(a: string, b: string): number {
  const [first, second] = [BigInt(a), BigInt(b)];
  return first === second ? compareTexts(a, b) : first > second ? 1 : -1;
}

function compareTexts(a: string, b: string): number {
  return a === b ? 0 : a > b ? 1 : -1;
}

import type { ProjectKey } from "@infrajet/github/adapters";
import { GitHubSdkError } from "@infrajet/github/errors";
import { assertAzureId } from "./azure-name.js";

/**
 * Where a project's files lie below the base directory:
 *
 * - `project`: in `{userId}/{projectId}`;
 * - `latest-generation`: in the newest directory of `{userId}/{projectId}`;
 * - a function: in the directory whose names it gives, each one path segment.
 */
export type ProjectLayout =
  | "project"
  | "latest-generation"
  | ((project: ProjectKey) => readonly string[] | Promise<readonly string[]>);

/**
 * What makes a generation the newest: its directory's name (as a number when all are numbers, as text otherwise), or the
 * time when the directory was created.
 */
export type GenerationOrder = "name" | "time";

/** A directory that holds one generation of a project. */
export interface Generation {
  readonly name: string;
  readonly createdAt: Date | undefined;
}

/**
 * The names that lead from the base directory to a project, not yet to its generation.
 *
 * @throws GitHubSdkError `validation_failed` when an id or a name is not exactly one directory of a share, `invalid_options`.
 */
export async function segmentsOf(project: ProjectKey, layout: ProjectLayout): Promise<readonly string[]> {
  assertAzureId(project.userId, "The user id");
  assertAzureId(project.projectId, "The project id");
  if (typeof layout !== "function") return [project.userId, project.projectId];
  const segments = await layout(project);
  if (segments.length === 0) throw new GitHubSdkError("invalid_options", "The layout gives no directory.");
  for (const segment of segments) assertAzureId(segment, "A directory of the layout");
  return segments;
}

/** The newest of a project's generations, or `null` when there are none. */
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

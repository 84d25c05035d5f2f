import { statSync } from "node:fs";
import { basename, resolve } from "node:path";
import { type ParseArgsConfig, parseArgs } from "node:util";
import { UsageError } from "./usage-error.js";

/** What one run was asked to do. */
export interface Arguments {
  /** Absolute path of the project's folder. */
  readonly folder: string;
  /** `owner/name`. */
  readonly repository: string;
  readonly branch: string;
  /** The folder of the repository; `""` is its root. */
  readonly directory: string;
  readonly projectId: string;
  readonly strategy: Strategy;
  /** `null`: one is made from the changes. */
  readonly message: string | null;
  readonly writer: Writer;
  /** Absolute path; `null`: a file of its own for this target. */
  readonly stateFile: string | null;
  /** Strategies by path or pattern. */
  readonly strategies: Readonly<Record<string, PathStrategy>>;
  /** Allows the sync to delete more than half of the files. */
  readonly allowMassDeletion: boolean;
  /** Allows the sync to delete all files when the folder is empty. */
  readonly allowEmptyProject: boolean;
  /** Attempts the write although a rule of the branch forbids it. */
  readonly bypassRules: boolean;
  /** Deletes files from the repository that are ignored now and that earlier syncs wrote. */
  readonly deleteIgnored: boolean;
  /** The hash of the plan to apply; `null` for the plan that the sync makes itself. */
  readonly planHash: string | null;
  /** Show what would be done, and write nothing. */
  readonly plan: boolean;
  /** Print one JSON object and nothing else to stdout. */
  readonly json: boolean;
}

const STRATEGIES = ["fail", "merge", "ours", "theirs", "pull_request"] as const;
const PATH_STRATEGIES = ["fail", "merge", "ours", "theirs"] as const;
const WRITERS = ["auto", "graphql", "git-data", "push"] as const;

/** How conflicts are settled. */
export type Strategy = (typeof STRATEGIES)[number];

/** How conflicts of one path are settled. */
export type PathStrategy = (typeof PATH_STRATEGIES)[number];

/** Which commit writer is used. */
export type Writer = (typeof WRITERS)[number];

const OPTIONS = {
  branch: { type: "string", default: "main" },
  directory: { type: "string", default: "" },
  "project-id": { type: "string" },
  strategy: { type: "string", default: "merge" },
  message: { type: "string" },
  writer: { type: "string", default: "auto" },
  state: { type: "string" },
  strategies: { type: "string", multiple: true, default: [] },
  "allow-mass-deletion": { type: "boolean", default: false },
  "allow-empty-project": { type: "boolean", default: false },
  "bypass-rules": { type: "boolean", default: false },
  "delete-ignored": { type: "boolean", default: false },
  apply: { type: "string" },
  plan: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const satisfies ParseArgsConfig["options"];

/** How the script is called, for a person. */
export const USAGE = `Usage: npm run sync -- DIR OWNER/REPO [options]

Brings the files of the folder DIR into a GitHub repository, in one commit.

  --branch NAME       the branch to write to (main)
  --directory PATH    the folder of the repository that mirrors DIR (its root)
  --project-id ID     the name the project is remembered by (the name of DIR)
  --strategy NAME     what to do where both sides changed: ${STRATEGIES.join(", ")} (merge)
  --strategies GLOB=STRATEGY
                      the strategy for a path or the paths that match a pattern; may be repeated, the first match counts
  --message TEXT      the commit's message (made from the changes)
  --writer NAME       how the commit is made: ${WRITERS.join(", ")} (auto)
  --state FILE        what is remembered between runs (a file in your state folder)
  --allow-mass-deletion
                      allow the deletion of more than half of the files
  --allow-empty-project
                      allow the deletion of all files when DIR is empty
  --bypass-rules          try to write although a rule of the branch forbids it
  --delete-ignored        delete files from the repository that are ignored now
  --plan              show what would be done, and write nothing
  --apply HASH        run the plan with this hash, and nothing else
  --json              print the result as one JSON object
  --help              print this

Credentials: set GITHUB_TOKEN, in the environment or in a file .env of the working folder.
Exit code: 0 completed, 1 failed, 2 called in a wrong way.`;

/**
 * Reads the command line; `null` asks for the usage.
 *
 * @param workingFolder what relative paths start from
 * @throws UsageError
 */
export function parseArguments(argv: readonly string[], workingFolder: string): Arguments | null {
  const { values, positionals } = parsed(argv);
  if (values.help) return null;
  const [dir, repository, ...rest] = positionals;
  if (dir === undefined) throw new UsageError("DIR is missing: name the folder whose files are to be synced.");
  if (repository === undefined) {
    throw new UsageError("OWNER/REPO is missing: name the repository, for example octocat/hello-world.");
  }
  if (rest.length > 0) {
    throw new UsageError(`"${rest[0]}" is one argument too many: put a value with spaces between quotes.`);
  }
  const folder = existingFolder(resolve(workingFolder, dir), dir);
  return {
    folder,
    repository: repositoryName(repository),
    branch: text("--branch", values.branch),
    directory: repositoryFolder(values.directory),
    projectId: projectId(values["project-id"], folder),
    strategy: oneOf("--strategy", values.strategy, STRATEGIES),
    message: values.message === undefined ? null : text("--message", values.message),
    writer: oneOf("--writer", values.writer, WRITERS),
    stateFile: values.state === undefined ? null : resolve(workingFolder, text("--state", values.state)),
    strategies: Object.fromEntries(values.strategies.map(pathStrategy)),
    allowEmptyProject: values["allow-empty-project"],
    allowMassDeletion: values["allow-mass-deletion"],
    bypassRules: values["bypass-rules"],
    deleteIgnored: values["delete-ignored"],
    planHash: planHash(values.apply, values.plan),
    plan: values.plan,
    json: values.json,
  };
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    // node:util names the option in its first sentence; the rest is about positional arguments.
    const [sentence] = String(error instanceof Error ? error.message : error).split(". ");
    throw new UsageError(`${sentence?.replace(/\.$/, "")}.`);
  }
}

function existingFolder(folder: string, given: string): string {
  const stats = statSync(folder, { throwIfNoEntry: false });
  if (stats === undefined) throw new UsageError(`DIR: there is no folder "${given}" (looked for ${folder}).`);
  if (!stats.isDirectory()) throw new UsageError(`DIR: "${given}" is a file: name the folder that it lies in.`);
  return folder;
}

function repositoryName(given: string): string {
  if (/^[^/\s]+\/[^/\s]+$/.test(given)) return given;
  throw new UsageError(`OWNER/REPO: write "${given}" as owner/name, for example octocat/hello-world.`);
}

function repositoryFolder(given: string): string {
  const path = given.replace(/^\/+|\/+$/g, "");
  const isWrong = (segment: string): boolean => ["", ".", "..", ".git"].includes(segment);
  if (path === "" || !path.split("/").some(isWrong)) return path;
  throw new UsageError(`--directory: "${given}" is no folder of a repository: write it like infra/network.`);
}

function projectId(given: string | undefined, folder: string): string {
  const id = given ?? basename(folder);
  if (id !== "" && !/[/\\]/.test(id) && !/^\.+$/.test(id)) return id;
  throw new UsageError("--project-id: give the project a name without slashes, for example --project-id network.");
}

function text(option: string, given: string): string {
  if (given.trim() === "") throw new UsageError(`${option} is empty: give it a value or leave it out.`);
  return given;
}

/** Splits `GLOB=STRATEGY` at its last `=`: a path may contain one. */
function pathStrategy(given: string): readonly [string, PathStrategy] {
  const end = given.lastIndexOf("=");
  if (end < 1) throw new UsageError(`--strategies: write "${given}" as GLOB=STRATEGY, for example "*.lock=theirs".`);
  return [given.slice(0, end), oneOf("--strategies", given.slice(end + 1), PATH_STRATEGIES)];
}

function planHash(given: string | undefined, plan: boolean): string | null {
  if (given === undefined) return null;
  if (plan) throw new UsageError("--apply cannot be combined with --plan. Remove one of them.");
  return text("--apply", given);
}

function oneOf<Choice extends string>(option: string, given: string, choices: readonly Choice[]): Choice {
  const choice = choices.find((candidate) => candidate === given);
  if (choice !== undefined) return choice;
  throw new UsageError(`${option}: "${given}" is none of ${choices.join(", ")}.`);
}

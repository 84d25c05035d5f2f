import { statSync } from "node:fs";
import { basename, resolve } from "node:path";
import { type ParseArgsConfig, parseArgs } from "node:util";
import { UsageError } from "./usage-error.js";

/** The parsed command line. */
export interface Arguments {
  /** Absolute path of the project's folder. */
  readonly folder: string;
  /** `owner/name`. */
  readonly repository: string;
  readonly branch: string;
  /** The directory of the repository; `""` for its root. */
  readonly directory: string;
  readonly projectId: string;
  readonly strategy: Strategy;
  readonly direction: Direction;
  readonly onConflict: OnConflict;
  /** `null` for a summary of the changes. */
  readonly message: string | null;
  readonly writer: Writer;
  /** Absolute path; `null` for the default file of this target. */
  readonly stateFile: string | null;
  /** Strategies by path or pattern. */
  readonly strategies: ReadonlyMap<string, PathStrategy>;
  /** Allows the sync to delete more than half of the files. */
  readonly allowMassDeletion: boolean;
  /** Allows the sync to delete all files when the folder is empty. */
  readonly allowEmptyProject: boolean;
  /** Allows the sync to change the folder although the branch's history was rewritten since the last sync. */
  readonly allowRewrittenHistory: boolean;
  /** Paths of files that may be sent although they contain secrets. */
  readonly allowSecrets: readonly string[];
  /** Attempts the write although a rule of the branch forbids it. */
  readonly bypassRules: boolean;
  /** Deletes files from the repository that are ignored now and that earlier syncs wrote. */
  readonly deleteIgnored: boolean;
  /** The hash of the plan to apply; `null` for the plan that the sync makes itself. */
  readonly planHash: string | null;
  /** Prints the plan and writes nothing. */
  readonly plan: boolean;
  /** Prints one JSON object to stdout and nothing else. */
  readonly json: boolean;
}

const STRATEGIES = ["fail", "merge", "ours", "theirs", "pull_request"] as const;
const PATH_STRATEGIES = ["fail", "merge", "ours", "theirs"] as const;
const DIRECTIONS = ["push", "pull", "two_way"] as const;
const ON_CONFLICT = ["stop", "skip"] as const;
const WRITERS = ["auto", "graphql", "git-data", "push"] as const;

/** The strategy for conflicts. */
export type Strategy = (typeof STRATEGIES)[number];

/** The strategy for the paths that match a glob. */
export type PathStrategy = (typeof PATH_STRATEGIES)[number];

/** The direction in which changes are carried. */
export type Direction = (typeof DIRECTIONS)[number];

/** The effect of an unresolved conflict. */
export type OnConflict = (typeof ON_CONFLICT)[number];

/** The commit writer. */
export type Writer = (typeof WRITERS)[number];

const OPTIONS = {
  branch: { type: "string", default: "main" },
  directory: { type: "string", default: "" },
  "project-id": { type: "string" },
  strategy: { type: "string", default: "merge" },
  direction: { type: "string", default: "push" },
  "on-conflict": { type: "string", default: "stop" },
  message: { type: "string" },
  writer: { type: "string", default: "auto" },
  state: { type: "string" },
  strategies: { type: "string", multiple: true, default: [] },
  "allow-mass-deletion": { type: "boolean", default: false },
  "allow-empty-project": { type: "boolean", default: false },
  "allow-rewritten-history": { type: "boolean", default: false },
  "allow-secret": { type: "string", multiple: true, default: [] },
  "bypass-rules": { type: "boolean", default: false },
  "delete-ignored": { type: "boolean", default: false },
  apply: { type: "string" },
  plan: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const satisfies ParseArgsConfig["options"];

/** The help text. */
export const USAGE = `Usage: npm run sync -- DIR OWNER/REPO [options]

Syncs the files of the folder DIR to a GitHub repository in one commit, or the repository's files to the folder.

  --branch NAME       the branch to write to (default: main)
  --directory PATH    the directory of the repository that mirrors DIR (default: its root)
  --project-id ID     the ID of the project in the state file (default: the name of DIR)
  --strategy NAME     how to resolve conflicts: ${STRATEGIES.join(", ")} (merge)
  --strategies GLOB=STRATEGY
                      the strategy for a path or the paths that match a pattern; may be repeated, the first match counts
  --direction NAME    ${DIRECTIONS.join(", ")}: push changes the branch, pull changes DIR, two_way changes both (push)
  --on-conflict NAME  stop: write nothing while a conflict is unresolved; skip: leave its file as it is (stop)
  --message TEXT      the commit message (default: a summary of the changes)
  --writer NAME       the commit writer: ${WRITERS.join(", ")} (auto)
  --state FILE        the state file, kept between runs (default: a file in your state folder)
  --allow-mass-deletion
                      allow the deletion of more than half of the files
  --allow-empty-project
                      allow the deletion of all files when DIR is empty
  --allow-rewritten-history
                      change DIR although the branch's history was rewritten since the last sync
  --allow-secret PATH send this file although it contains secrets; may be repeated
  --bypass-rules      try to write although a rule of the branch forbids it
  --delete-ignored    delete files from the repository that are ignored now
  --plan              print the plan and write nothing
  --apply HASH        run the plan with this hash, and nothing else
  --json              print the result as one JSON object
  --help              print this

Credentials: set GITHUB_TOKEN, in the environment or in a file .env of the working folder. Without a token, set GITHUB_CLIENT_ID to
the client ID of an app with Enable Device Flow: you sign in with a code, and the token is kept in your state folder.
Exit code: 0 completed, 1 failed, 2 invalid usage.`;

/**
 * Parses the command line. Returns `null` for `--help`.
 *
 * @param workingFolder the base of relative paths
 * @throws UsageError
 */
export function parseArguments(argv: readonly string[], workingFolder: string): Arguments | null {
  const { values, positionals } = parsed(argv);
  if (values.help) return null;
  const [dir, repository, ...rest] = positionals;
  if (dir === undefined) throw new UsageError("DIR is missing. Name the folder to sync.");
  if (repository === undefined) {
    throw new UsageError("OWNER/REPO is missing. Name the repository, for example octocat/hello-world.");
  }
  if (rest.length > 0) {
    throw new UsageError(`Unexpected argument "${rest[0]}". Put a value with spaces between quotes.`);
  }
  const folder = existingFolder(resolve(workingFolder, dir), dir);
  return {
    folder,
    repository: repositoryName(repository),
    branch: text("--branch", values.branch),
    directory: repositoryFolder(values.directory),
    projectId: projectId(values["project-id"], folder),
    strategy: oneOf("--strategy", values.strategy, STRATEGIES),
    direction: oneOf("--direction", values.direction, DIRECTIONS),
    onConflict: oneOf("--on-conflict", values["on-conflict"], ON_CONFLICT),
    message: values.message === undefined ? null : text("--message", values.message),
    writer: oneOf("--writer", values.writer, WRITERS),
    stateFile: values.state === undefined ? null : resolve(workingFolder, text("--state", values.state)),
    strategies: firstOfEach(values.strategies.map(pathStrategy)),
    allowEmptyProject: values["allow-empty-project"],
    allowMassDeletion: values["allow-mass-deletion"],
    allowRewrittenHistory: values["allow-rewritten-history"],
    allowSecrets: values["allow-secret"].map((path) => text("--allow-secret", path)),
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
  if (stats === undefined) throw new UsageError(`DIR: the folder "${given}" does not exist (${folder}).`);
  if (!stats.isDirectory()) throw new UsageError(`DIR: "${given}" is a file. Name its folder.`);
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
  throw new UsageError(`--directory: "${given}" is not a directory of a repository. Write it like infra/network.`);
}

function projectId(given: string | undefined, folder: string): string {
  const id = given ?? basename(folder);
  if (id !== "" && !/[/\\]/.test(id) && !/^\.+$/.test(id)) return id;
  throw new UsageError("--project-id: give the project a name without slashes, for example --project-id network.");
}

function text(option: string, given: string): string {
  if (given.trim() === "") throw new UsageError(`${option} is empty. Set a value, or omit the option.`);
  return given;
}

/** Splits `GLOB=STRATEGY` at its last `=`: a path may contain one. */
function pathStrategy(given: string): readonly [string, PathStrategy] {
  const end = given.lastIndexOf("=");
  if (end < 1) throw new UsageError(`--strategies: write "${given}" as GLOB=STRATEGY, for example "*.lock=theirs".`);
  return [given.slice(0, end), oneOf("--strategies", given.slice(end + 1), PATH_STRATEGIES)];
}

/** Returns a map with the first entry of each pattern: the first match counts. */
function firstOfEach(given: readonly (readonly [string, PathStrategy])[]): ReadonlyMap<string, PathStrategy> {
  const strategies = new Map<string, PathStrategy>();
  for (const [pattern, strategy] of given) if (!strategies.has(pattern)) strategies.set(pattern, strategy);
  return strategies;
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

import { parseArgs } from "node:util";
import { GitHubSdkError } from "@infrajet/github/errors";

/** The text that `--help` prints. */
export const CLI_USAGE = `npx infrajet-github-prisma init [--schema FOLDER] [--migrations FOLDER] [--force]
  Copies the models and migrations for your datasource's provider into your project and lists the files. Files that you
  changed are kept unless --force is given.
    --schema      Your schema.prisma or the folder of your schema files. Defaults to prisma/schema, prisma/schema.prisma,
                  prisma or schema.prisma, whichever contains the datasource.
    --migrations  The folder of your migrations. Defaults to "migrations" beside the file with the datasource.
    --force       Replaces files that you changed.

npx infrajet-github-prisma migrate [--url URL]
  Applies pending migrations without the Prisma CLI and records them in _prisma_migrations, as prisma migrate does.
    --url         postgresql://… mysql://… file:PATH pglite:FOLDER. Defaults to the environment variable DATABASE_URL.`;

/** The `init` command with its options. */
export interface InitCommand {
  readonly name: "init";
  readonly schema: string | null;
  readonly migrations: string | null;
  readonly force: boolean;
}

/** A parsed command line. */
export type Command =
  | { readonly name: "help" }
  | InitCommand
  | { readonly name: "migrate"; readonly url: string | null };

/** Parses the arguments. @throws GitHubSdkError `invalid_options` when the command or an option is unknown */
export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  if (values.help === true) return { name: "help" };
  const [name, ...rest] = positionals;
  if (rest.length > 0) throw usageError(`Unexpected argument "${rest[0]}"`);
  if (name === "init") {
    const { schema = null, migrations = null, force = false } = values;
    return { name, schema, migrations, force };
  }
  if (name === "migrate") return { name, url: values.url ?? null };
  throw usageError(name === undefined ? "Missing command: init or migrate" : `Unknown command "${name}"`);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        schema: { type: "string" },
        migrations: { type: "string" },
        force: { type: "boolean" },
        url: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw usageError(error instanceof Error ? error.message : String(error));
  }
}

function usageError(problem: string): GitHubSdkError {
  return new GitHubSdkError("invalid_options", `${problem}.\n\n${CLI_USAGE}`);
}

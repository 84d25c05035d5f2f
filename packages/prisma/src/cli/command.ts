import { parseArgs } from "node:util";
import { GitHubSdkError } from "@infrajet/github/errors";

/** What is said on `--help`. */
export const CLI_USAGE = `npx infrajet-github-prisma init [--schema FOLDER] [--migrations FOLDER] [--force]
  Puts the models and migrations for the provider of your datasource into your project, and says what it did. A file
  that you changed is left as it is unless you say --force.
    --schema      your schema.prisma, or the folder of your schema files; found by itself in the usual places
    --migrations  where your migrations are; "migrations" beside the file that has the datasource unless told

npx infrajet-github-prisma migrate [--url URL]
  Applies the migrations that the database does not have yet, without the Prisma CLI, and writes them down where
  prisma migrate looks for them.
    --url         DATABASE_URL unless told: postgresql://… mysql://… file:PATH pglite:FOLDER`;

/** `init`'s options. */
export interface InitCommand {
  readonly name: "init";
  readonly schema: string | null;
  readonly migrations: string | null;
  readonly force: boolean;
}

/** What was asked for. */
export type Command =
  | { readonly name: "help" }
  | InitCommand
  | { readonly name: "migrate"; readonly url: string | null };

/** Reads the arguments. @throws GitHubSdkError `invalid_options` */
export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  if (values.help === true) return { name: "help" };
  const [name, ...rest] = positionals;
  if (rest.length > 0) throw wrong(`"${rest[0]}" is one word too many`);
  if (name === "init") {
    const { schema = null, migrations = null, force = false } = values;
    return { name, schema, migrations, force };
  }
  if (name === "migrate") return { name, url: values.url ?? null };
  throw wrong(name === undefined ? "Say init or migrate" : `There is no command "${name}"`);
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
    throw wrong(error instanceof Error ? error.message : String(error));
  }
}

function wrong(problem: string): GitHubSdkError {
  return new GitHubSdkError("invalid_options", `${problem}.\n\n${CLI_USAGE}`);
}

#!/usr/bin/env node
import { isGitHubSdkError } from "@infrajet/github/errors";
import { CLI_USAGE, parseCommand } from "./command.js";
import { init } from "./init.js";
import { migrateByUrl } from "./migrate-by-url.js";

/** `npx infrajet-github-prisma`: ends with 0 when all is done, 1 when something was left, 2 for a wrong call. */
async function main(): Promise<number> {
  const command = parseCommand(process.argv.slice(2));
  switch (command.name) {
    case "help":
      console.log(CLI_USAGE);
      return 0;
    case "init":
      return (await init(process.cwd(), command, (line) => console.log(line))) ? 0 : 1;
    case "migrate":
      await migrateByUrl(command.url ?? process.env.DATABASE_URL, (line) => console.log(line));
      return 0;
  }
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    if (!isGitHubSdkError(error)) throw error;
    console.error(error.message);
    if (error.cause instanceof Error) console.error(`  ${error.cause.message}`);
    process.exitCode = error.code === "invalid_options" ? 2 : 1;
  },
);

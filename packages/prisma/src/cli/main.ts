#!/usr/bin/env node
import { isGitHubSdkError } from "@infrajet/github/errors";
import { CLI_USAGE, parseCommand } from "./command.js";
import { init } from "./init.js";
import { migrateByUrl } from "./migrate-by-url.js";

/** Runs `npx infrajet-github-prisma`. Exit codes: 0 done, 1 failed or a changed file was kept, 2 invalid usage. */
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

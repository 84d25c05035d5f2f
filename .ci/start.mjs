// Runs a program of the workspace in this very process, so that signals reach it: `node .ci/start.mjs FILE [ARGUMENTS]`.
// Installs first what is not there yet. Plain Node, until everything is.
import { fileURLToPath, pathToFileURL } from "node:url";
import "./ensure.mjs";

const [, , file = "", ...rest] = process.argv;
const program = fileURLToPath(new URL(`../${file}`, import.meta.url));
process.argv = [process.execPath, program, ...rest];
process.env.TSX_TSCONFIG_PATH = fileURLToPath(new URL("../tsconfig.json", import.meta.url));
// Programs that it forks are in TypeScript too.
process.execArgv.push("--import", import.meta.resolve("tsx"));
await import("tsx");
await import(pathToFileURL(program).href);

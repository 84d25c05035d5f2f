// Runs a TypeScript program of the workspace in this process, so that it receives signals: `node .ci/start.mjs FILE [ARGUMENTS]`.
// Installs missing dependencies first. Plain Node until then.
import { fileURLToPath, pathToFileURL } from "node:url";
import "./ensure.mjs";

const [, , file = "", ...rest] = process.argv;
const program = fileURLToPath(new URL(`../${file}`, import.meta.url));
process.argv = [process.execPath, program, ...rest];
process.env.TSX_TSCONFIG_PATH = fileURLToPath(new URL("../tsconfig.json", import.meta.url));
// The program's child processes are TypeScript programs too.
process.execArgv.push("--import", import.meta.resolve("tsx"));
await import("tsx");
await import(pathToFileURL(program).href);

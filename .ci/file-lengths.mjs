// Finds source files of the packages that are longer than 300 lines: `node .ci/file-lengths.mjs`. A file is named after the one
// thing that it holds, and a long file holds several. Plain Node, no dependency.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packages, root } from "./tasks.mjs";

const MOST_LINES = 300;

const sourcesOf = ({ directory }) =>
  readdirSync(join(root, directory, "src"), { recursive: true })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(directory, "src", name));

const files = packages.flatMap(sourcesOf);
const lengths = files.map((path) => ({ path, lines: readFileSync(join(root, path), "utf8").split("\n").length - 1 }));
const long = lengths.filter(({ lines }) => lines > MOST_LINES);
for (const { path, lines } of long)
  console.log(`${path} has ${lines} lines. Split it: at most ${MOST_LINES} are allowed.`);
console.log(`${long.length} of ${files.length} files are longer than ${MOST_LINES} lines`);
process.exitCode = long.length === 0 ? 0 : 1;

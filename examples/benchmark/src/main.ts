// The benchmark: `npm run bench`; `npm run bench -- WORD…` runs only the rows with one of the words in their name, and writes nothing.
import { writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { bundleRunner } from "./bundle-runner.js";
import { CONTENDERS, type ContenderName, MOST_FILES } from "./contenders.js";
import { LATENCY, type Measurement, measure } from "./measure.js";
import { measureOverhead, type Overhead } from "./overhead/measure-overhead.js";
import { ROWS, type Row, SCALING } from "./row.js";
import { overheadTable, tables } from "./table.js";

const INTRODUCTION = `# Benchmark

What it takes to bring a project's files to a branch, counted by GitHub in a box that is ${LATENCY} ms away. Made by \`npm run bench\`,
everything in one run; times are of one machine and mean something only beside each other. \`content-creating\` requests are
those that GitHub limits to about 80 a minute and 500 an hour. Peak memory is the resident set of the contender's own process, Node
itself included (about 40 MB); it runs JavaScript as a host does, bundled beforehand, and not TypeScript through a loader.
The contents loop and the blobs are told which files changed, and are left out where they would take a quarter of an hour.
`;

const words = process.argv.slice(2);
const isWanted = ({ name }: Row): boolean => words.length === 0 || words.some((word) => name.includes(word));
const names = Object.keys(CONTENDERS) as ContenderName[];

const program = await bundleRunner();
const compared = await run(ROWS.filter(isWanted), names);
const scaling = await run(SCALING.filter(isWanted), ["this SDK"]);
const overheads = words.length === 0 || words.includes("overhead") ? await mounted() : [];
if (words.length === 0) await save(compared, scaling, overheads);
await program.remove();

async function run(rows: readonly Row[], contenders: readonly ContenderName[]): Promise<readonly Measurement[]> {
  const measurements: Measurement[] = [];
  for (const row of rows) {
    const able = contenders.filter((name) => takesPart(name, row));
    const own: Measurement[] = [];
    for (const name of able) own.push(await measure(row, name, program.path));
    console.log(`${tables(own)}\n`);
    measurements.push(...own);
  }
  return measurements;
}

/** Whoever has to be told what changed has nothing to show where nothing did. */
function takesPart(contender: ContenderName, { texts, binaries, changed }: Row): boolean {
  const files = changed === "first" ? texts + binaries : changed;
  return files <= MOST_FILES[contender] && (files > 0 || MOST_FILES[contender] === Number.POSITIVE_INFINITY);
}

async function mounted(): Promise<readonly Overhead[]> {
  const overheads = [await measureOverhead("express"), await measureOverhead("fastify")];
  console.log(overheadTable(overheads));
  return overheads;
}

async function save(
  compared: readonly Measurement[],
  scaling: readonly Measurement[],
  overheads: readonly Overhead[],
): Promise<void> {
  const page = (name: string): string => fileURLToPath(new URL(`../../../docs/${name}`, import.meta.url));
  const machine = `Node ${process.versions.node}, ${process.platform} ${process.arch}, ${availableParallelism()} cores`;
  await writeFile(
    page("benchmark.json"),
    `${JSON.stringify({ machine, latency: LATENCY, compared, scaling, overheads }, null, 2)}\n`,
  );
  await writeFile(
    page("benchmark.md"),
    `${INTRODUCTION}\n${tables(compared)}\n\n## Growth\n\n${tables(scaling)}\n\n## Mounted endpoints\n\nRequests for \`/connection/status\`, in turns: through the mounted endpoints, and through a handler by hand that does the same.\n\n${overheadTable(overheads)}\n\n${machine}\n`,
  );
}

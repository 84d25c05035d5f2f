// Keeps the version that the code and docs/openapi.json contain equal to that of the package @infrajet/github.
// `node .ci/package-version.mjs` checks, `node .ci/package-version.mjs --write` writes. Plain Node, no dependency.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readJson, root } from "./tasks.mjs";

const { version } = readJson("packages/core/package.json");
const PLACES = [
  { path: "packages/core/src/version.ts", pattern: /(?<=VERSION = ")[^"]*(?=")/ },
  { path: "docs/openapi.json", pattern: /(?<="info": \{[^}]*"version": ")[^"]*(?=")/ },
];

for (const { path, pattern } of PLACES) {
  const text = readFileSync(join(root, path), "utf8");
  const written = text.replace(pattern, version);
  if (!pattern.test(text)) throw new Error(`${path} contains no version.`);
  if (written === text) continue;
  if (process.argv.includes("--write")) writeFileSync(join(root, path), written);
  else {
    console.log(`${path} does not contain the version ${version} of packages/core. Run: npm run version`);
    process.exitCode = 1;
  }
}

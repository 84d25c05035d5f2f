// Checks that the client for browsers, bundled with all its dependencies, is small and does not import a module of Node.

import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { root } from "./tasks.mjs";

const MAX_BYTES = 15_000;

// esbuild does not resolve modules of Node for browsers.
const { outputFiles } = await build({
  entryPoints: [join(root, "packages/client/dist/index.js")],
  bundle: true,
  minify: true,
  format: "esm",
  platform: "browser",
  target: "es2022",
  write: false,
});
const bytes = gzipSync(outputFiles[0].contents).length;
console.log(`@infrajet/github-client is ${bytes} bytes gzipped; at most ${MAX_BYTES} are allowed`);
process.exitCode = bytes <= MAX_BYTES ? 0 : 1;

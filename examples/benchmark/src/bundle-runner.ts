import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** A JavaScript program for Node. */
export interface Program {
  readonly path: string;
  remove(): Promise<void>;
}

// Bundled CommonJS packages need `require`, which ES modules do not have.
const REQUIRE = `import { createRequire } from "node:module"; const require = createRequire(import.meta.url);`;

/** Bundles the runner, because a TypeScript loader would add 40 MB to each contender's memory. */
export async function bundleRunner(): Promise<Program> {
  const outdir = await mkdtemp(join(tmpdir(), "infrajet-benchmark-runner-"));
  await build({
    entryPoints: [fileURLToPath(new URL("./runner.ts", import.meta.url))],
    tsconfig: fileURLToPath(new URL("../../../tsconfig.json", import.meta.url)),
    outdir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    // A contender's code is loaded only in its own process.
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    banner: { js: REQUIRE },
    logLevel: "warning",
  });
  return { path: join(outdir, "runner.mjs"), remove: () => rm(outdir, { recursive: true, force: true }) };
}

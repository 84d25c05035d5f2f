import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** A program that Node runs as it is. */
export interface Program {
  readonly path: string;
  remove(): Promise<void>;
}

// For packages in CommonJS, which a bundle of ES modules gives no `require`.
const REQUIRE = `import { createRequire } from "node:module"; const require = createRequire(import.meta.url);`;

/** Bundles the runner: a loader for TypeScript would add 40 MB of its own to each contender's memory. */
export async function bundleRunner(): Promise<Program> {
  const outdir = await mkdtemp(join(tmpdir(), "infrajet-benchmark-runner-"));
  await build({
    entryPoints: [fileURLToPath(new URL("./runner.ts", import.meta.url))],
    tsconfig: fileURLToPath(new URL("../../../tsconfig.json", import.meta.url)),
    outdir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    // A contender is loaded when it is its turn.
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    banner: { js: REQUIRE },
    logLevel: "warning",
  });
  return { path: join(outdir, "runner.mjs"), remove: () => rm(outdir, { recursive: true, force: true }) };
}

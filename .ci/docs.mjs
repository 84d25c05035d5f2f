// Builds the documentation site into docs/.vitepress/dist: the generated tables, the pages, and the API reference. `npm run docs`.
// Fails on a dead link. With --dev it serves the pages while they are edited.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { packages, root } from "./tasks.mjs";

const docs = join(root, "docs");
const env = { ...process.env, TSX_TSCONFIG_PATH: join(root, "tsconfig.json") };

function run(args, cwd = root) {
  const { status } = spawnSync(process.execPath, args, { cwd, env, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

const bin = (name, file) => join(docs, "node_modules", name, file);

run(["--import", "tsx", join(docs, ".vitepress/generate.ts")]);
if (process.argv.includes("--dev")) {
  run([bin("vitepress", "bin/vitepress.js"), "dev", docs]);
} else {
  run([bin("vitepress", "bin/vitepress.js"), "build", docs]);
  const entries = packages.map(({ directory }) => join(root, directory, "src/index.ts"));
  run([
    bin("typedoc", "bin/typedoc"),
    ...["--tsconfig", join(root, "tsconfig.json"), "--out", join(docs, ".vitepress/dist/api"), "--logLevel", "Warn"],
    ...["--name", "Infrajet GitHub SDK", "--skipErrorChecking", "--disableSources", "--excludeInternal"],
    ...["--readme", "none", ...entries],
  ]);
}

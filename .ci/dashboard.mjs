// Builds examples/dashboard, which the example hosts serve at `/`. Does nothing when it is up to date.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const home = join(root, "examples/dashboard");
const stampFile = join(home, "generated/stamp");

const sources = readdirSync(home, { recursive: true })
  .filter((name) => /^(src[\\/].*\.\w+|index\.html|vite\.config\.ts|package\.json)$/.test(name))
  .sort()
  .map((name) => join(home, name));
const inputs = [
  ...sources,
  join(root, "docs/openapi.json"),
  join(root, "pnpm-lock.yaml"),
  fileURLToPath(import.meta.url),
];
const hash = createHash("sha256");
for (const path of inputs) hash.update(path.slice(root.length)).update(readFileSync(path));
const stamp = hash.digest("hex");
const isBuilt = existsSync(join(home, "dist/index.html")) && existsSync(stampFile);
if (!isBuilt || readFileSync(stampFile, "utf8") !== stamp) await build();

async function build() {
  const { resolve } = createRequire(join(home, "package.json"));
  const { build: bundle } = await import(pathToFileURL(resolve("vite")).href);
  await bundle({ configFile: join(home, "vite.config.ts"), logLevel: "warn" });
  mkdirSync(join(home, "generated"), { recursive: true });
  writeFileSync(stampFile, stamp);
}

// Compiles TypeScript programs that tests start as processes of their own. A process that loads the same sources with tsx needs
// four seconds of CPU time for it.
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FOLDER = `${ROOT}node_modules/.cache/programs/`;
const compiled = new Map<string, Promise<string>>();

/**
 * Returns the path of a JavaScript file that Node runs as it would run a TypeScript file with tsx: sources keep the value of
 * `import.meta.url`, and dependencies are loaded from where the sources find them.
 */
export function compiledProgram(source: URL): Promise<string> {
  const program = compiled.get(source.href) ?? compile(fileURLToPath(source));
  compiled.set(source.href, program);
  return program;
}

async function compile(source: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [source],
    tsconfig: `${ROOT}tsconfig.json`,
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node20",
    plugins: [externalPackages, sourceUrls],
    logLevel: "warning",
  });
  const name = relative(ROOT, source).replaceAll(/[^\w-]+/g, "-");
  const path = `${FOLDER}${name}.mjs`;
  // Another run may start the program at the same time: it gets the former file or the new one, whole.
  const written = `${path}.${process.pid}`;
  await mkdir(FOLDER, { recursive: true });
  await writeFile(written, outputFiles[0]?.contents ?? "");
  await rename(written, path);
  return path;
}

/** Leaves packages outside of the program, under the address that the importing file resolves. */
const externalPackages: Plugin = {
  name: "external packages",
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^[^./]/ }, async ({ path, pluginData, ...from }) => {
      if (from.kind === "entry-point" || path.startsWith("node:") || pluginData === RESOLVED) return undefined;
      const found = await resolve(path, { ...from, pluginData: RESOLVED });
      if (!found.path.includes("node_modules")) return found;
      return { path: pathToFileURL(found.path).href, external: true };
    });
  },
};
const RESOLVED = Symbol("resolved");

const sourceUrls: Plugin = {
  name: "import.meta.url of each source",
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const contents = await readFile(path, "utf8");
      return {
        contents: contents.replaceAll("import.meta.url", JSON.stringify(pathToFileURL(path).href)),
        loader: "ts",
      };
    });
  },
};

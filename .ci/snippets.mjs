// Type-checks every TypeScript snippet of README.md, docs/**/*.md and packages/*/README.md.
//
// A fenced `ts` block is a separate module and must compile. A block that continues the previous block of the same file has
// <!-- continues --> in the line above its fence. For code that does not compile, use `text` instead of `ts`.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, sep } from "node:path";
import { packages, readJson, root, tool } from "./tasks.mjs";

const FENCE = /^\s*(`{3,}|~{3,})\s*([\w-]*)/;
const CONTINUES = /^\s*<!-- continues -->\s*$/;

const documents = [
  "README.md",
  ...readdirSync(join(root, "docs"), { recursive: true })
    .filter((path) => path.endsWith(".md") && !path.split(sep).includes("node_modules"))
    .map((path) => join("docs", path)),
  ...packages.map(({ directory }) => join(directory, "README.md")),
].filter((path) => existsSync(join(root, path)));

/** Returns the modules of a document. Lines keep their numbers, so that errors name the line in the document. */
function modulesOf(document) {
  const lines = readFileSync(join(root, document), "utf8").split(/\r?\n/);
  const modules = [];
  let open;
  lines.forEach((line, index) => {
    const [, fence, language] = FENCE.exec(line) ?? [];
    if (open === undefined && fence !== undefined) {
      open = { fence, line: index + 1, isCode: ["ts", "typescript"].includes(language) };
      if (!open.isCode) return;
      if (!CONTINUES.test(lines[index - 1] ?? "")) modules.push(lines.map(() => ""));
      else if (modules.length === 0)
        throw new Error(`${document}(${index}): this block continues a snippet, but there is none before it`);
    } else if (open !== undefined && fence?.startsWith(open.fence) && line.trim() === fence) {
      open = undefined;
    } else if (open?.isCode) {
      modules.at(-1)[index] = line;
    }
  });
  if (open !== undefined) throw new Error(`${document}(${open.line}): this block is not closed`);
  return modules.map((text) => ({ document, text: `${text.join("\n")}\nexport {};\n` }));
}

const modules = documents.flatMap(modulesOf);
if (modules.length === 0) process.exit(0);

// Beside pnpm's links to all installed packages, so that a snippet can import the dependencies of every package.
const scratch = mkdtempSync(join(root, "node_modules/.pnpm/snippets-"));
try {
  modules.forEach(({ text }, index) => {
    writeFileSync(join(scratch, `${index}.mts`), text);
  });
  const { paths } = readJson("tsconfig.json").compilerOptions;
  const fromRoot = ([alias, targets]) => [alias, targets.map((target) => join(root, target))];
  const config = {
    extends: join(root, "tsconfig.json"),
    compilerOptions: {
      // Snippets may declare a value without using it.
      noUnusedLocals: false,
      noUnusedParameters: false,
      typeRoots: [join(root, "node_modules/@types")],
      paths: Object.fromEntries(Object.entries(paths).map(fromRoot)),
    },
    files: modules.map((_, index) => `${index}.mts`),
    include: [],
  };
  writeFileSync(join(scratch, "tsconfig.json"), JSON.stringify(config));
  const { args } = tool("typescript", ["-p", scratch, "--pretty", "false"], { name: "tsc" });
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: scratch, encoding: "utf8" });
  process.stdout.write((stdout + stderr).replaceAll(/^(\d+)\.mts/gm, (_, index) => modules[Number(index)].document));
  process.exitCode = status ?? 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

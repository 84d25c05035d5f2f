// Keeps everything that depends on the repository's address in agreement with the field `repository` of the root manifest:
// `repository`, `homepage` and `bugs` of each package, and links in documents. Also checks that links between documents work.
// `node .ci/repository-links.mjs` checks, `node .ci/repository-links.mjs --write` writes. Plain Node, no dependency.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { packages, readJson, root } from "./tasks.mjs";

const { repository } = readJson("package.json");
const BRANCH = "main";

const linksOf = (directory) => ({
  repository: { type: "git", url: `git+${repository}.git`, directory },
  homepage: `${repository}/tree/${BRANCH}/${directory}#readme`,
  bugs: { url: `${repository}/issues` },
});

const folder = ({ directory }) => directory.replaceAll("\\", "/");
const tracked = execFileSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" }).split("\0");
const read = (path) => readFileSync(join(root, path), "utf8");
const documents = tracked.filter(
  (path) => /\.(md|ya?ml)$/.test(path) && path !== "pnpm-lock.yaml" && existsSync(join(root, path)),
);

if (process.argv.includes("--write")) write();
const problems = [...manifestProblems(), ...documents.filter((path) => path.endsWith(".md")).flatMap(linkProblems)];
for (const problem of problems) console.log(problem);
process.exitCode = problems.length === 0 ? 0 : 1;

function write() {
  const before = packages[0].manifest.repository?.url.replace(/^git\+|\.git$/g, "");
  for (const { directory, manifest } of packages) {
    const links = linksOf(folder({ directory }));
    const entries = Object.entries(manifest).filter(([field]) => !(field in links));
    // After the license, where readers look for them.
    entries.splice(entries.findIndex(([field]) => field === "license") + 1, 0, ...Object.entries(links));
    const written = Object.fromEntries(entries);
    writeFileSync(join(root, directory, "package.json"), `${JSON.stringify(written, null, 2)}\n`);
    Object.assign(manifest, written);
  }
  if (before === undefined || before === repository) return;
  for (const path of documents) writeFileSync(join(root, path), read(path).replaceAll(before, repository));
}

function manifestProblems() {
  return packages.flatMap(({ directory, manifest }) =>
    Object.entries(linksOf(folder({ directory })))
      .filter(([field, value]) => JSON.stringify(manifest[field]) !== JSON.stringify(value))
      .map(
        ([field]) => `${directory}/package.json: "${field}" does not agree with the root manifest. Run: npm run links`,
      ),
  );
}

function linkProblems(path) {
  const home = packages.map(folder).find((directory) => path === `${directory}/README.md`);
  return targetsOf(path).flatMap(({ line, target }) => {
    const problem = target.startsWith(repository) ? ownLinkProblem(target) : localLinkProblem(path, home, target);
    return problem === null ? [] : [`${path}:${line}: ${target}: ${problem}`];
  });
}

/** A link through the repository's address to a file of this repository. */
function ownLinkProblem(target) {
  const [, file, anchor] = /^\/(?:blob|tree)\/main\/([^#]*)(?:#(.*))?$/.exec(target.slice(repository.length)) ?? [];
  return file === undefined ? null : fileProblem(file, anchor);
}

function localLinkProblem(path, home, target) {
  if (/^[a-z][a-z+.-]*:/i.test(target)) return null;
  const [relative, anchor] = target.split("#");
  const file = relative === "" ? path : posix.join(dirname(path), relative);
  if (home !== undefined && relative !== "" && ![`${home}/README.md`, `${home}/LICENSE`].includes(file))
    return `npm does not have this file. Link ${repository}/blob/${BRANCH}/${file}`;
  return fileProblem(file, anchor);
}

function fileProblem(file, anchor) {
  if (!existsSync(join(root, file))) return "there is no such file";
  if (anchor === undefined || !file.endsWith(".md") || anchorsOf(file).has(anchor)) return null;
  return `${file} has no such heading`;
}

/** The targets of a document's links, with their lines; code is left out. */
function targetsOf(path) {
  const text = read(path).replace(/^```[\s\S]*?^```|`[^`\n]*`/gm, (code) => code.replace(/[^\n]/g, " "));
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(({ 1: target, index }) => ({
    target,
    line: text.slice(0, index).split("\n").length,
  }));
}

/** The anchors that GitHub gives to a document's headings. */
function anchorsOf(file) {
  const headings = [...read(file).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading);
  return new Set(
    headings.map((text) =>
      text
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

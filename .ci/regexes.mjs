// Finds regular expressions of the published sources that take more than linear time for some text. Such a text in a request,
// a project or a response of GitHub would block the event loop. Checks every regular expression, since a text is passed on
// further than its first reader knows; those that only developers' own files reach are exceptions.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { check } from "recheck";
import ts from "typescript";
import { root } from "./tasks.mjs";

/** Regular expressions that are right as they are: `{ path, reason }`, with a part of their source unless all of a file are. */
const EXCEPTIONS = [
  { path: "packages/prisma/src/cli/", reason: "reads the schema of the developer who runs the command" },
  { path: "packages/azure/src/options.ts", part: "(?!.*--)", reason: "looks ahead once, from the beginning of a name" },
  {
    path: "packages/core/src/app/private-key.ts",
    part: "\\1",
    reason: "compares two quotes around the host's own key",
  },
  // The checker supports no lookbehind.
  {
    path: "packages/core/src/secrets/token-rules.ts",
    reason: "has bounded counts only; recommended-detector.test.ts measures the worst texts",
  },
  {
    path: "packages/core/src/secrets/password-rule.ts",
    reason: "has bounded counts, or searches 500 characters; recommended-detector.test.ts measures the worst texts",
  },
  { path: "packages/core/src/git/dot-git.ts", part: "gitmodules", reason: "has the form of the checked .git pattern" },
];

// The automaton decides exactly; the tool's other checker, a fuzzer, has a different result in each run.
const OPTIONS = { checker: "automaton", timeout: 900_000, maxNFASize: 1_000_000 };
const AT_ONCE = 2;

const git = (...args) => execFileSync("git", args, { cwd: root, encoding: "utf8" }).split("\n");
const files = git("ls-files", "packages/*/src/**.ts").filter((path) => /^packages\/(?!testing\/).*\.ts$/.test(path));

/** Returns the regular expressions of a file: `{ path, line, text, source, flags }`, without source where it is computed. */
function regexesOf(path) {
  const file = ts.createSourceFile(path, readFileSync(join(root, path), "utf8"), ts.ScriptTarget.Latest, true);
  const regexes = [];
  const visit = (node) => {
    const line = () => file.getLineAndCharacterOfPosition(node.getStart()).line + 1;
    if (node.kind === ts.SyntaxKind.RegularExpressionLiteral) {
      const end = node.text.lastIndexOf("/");
      const [source, flags] = [node.text.slice(1, end), node.text.slice(end + 1)];
      regexes.push({ path, line: line(), text: node.text, source, flags });
    }
    if ((ts.isNewExpression(node) || ts.isCallExpression(node)) && node.expression.getText() === "RegExp")
      regexes.push({ path, line: line(), text: node.getText(), source: null, flags: "" });
    ts.forEachChild(node, visit);
  };
  visit(file);
  return regexes;
}

const used = new Set();
const isException = ({ path, text }) => {
  const exception = EXCEPTIONS.find(
    (it) => path.startsWith(it.path) && (it.part === undefined || text.includes(it.part)),
  );
  if (exception !== undefined) used.add(exception);
  return exception !== undefined;
};

/** Replaces counts such as `{1,100}` by `*`, which takes at least as long, since an automaton has a state for each repetition. */
function withoutLargeCounts(source) {
  return source.replace(/\{(\d+)(?:,(\d*))?\}/g, (all, min, max) =>
    Math.max(Number(min), Number(max ?? min)) > 10 ? "*" : all,
  );
}

/** Returns the problem of a regular expression, or `null` for one that takes linear time. */
async function problemOf({ source, flags }) {
  if (source === null) return "is computed, so its time cannot be checked: write a literal";
  const result = await check(withoutLargeCounts(source), flags, OPTIONS);
  if (result.status === "safe") return null;
  if (result.status === "unknown") return `could not be checked (${result.error.kind})`;
  return `takes more than linear time (${result.complexity.summary}), for example for ${result.attack.pattern}`;
}

const regexes = files.flatMap(regexesOf).filter((regex) => !isException(regex));
const waiting = [...regexes];
const findings = [];
const worker = async () => {
  for (let regex = waiting.pop(); regex !== undefined; regex = waiting.pop()) {
    const problem = await problemOf(regex);
    if (problem !== null) findings.push(`${regex.path}:${regex.line}: ${regex.text} ${problem}`);
  }
};
await Promise.all(Array.from({ length: AT_ONCE }, worker));

for (const finding of findings.sort()) console.log(finding);
const unused = EXCEPTIONS.filter((exception) => !used.has(exception));
for (const { path } of unused) console.log(`.ci/regexes.mjs: the exception for ${path} matches nothing.`);
console.log(`${findings.length} of ${regexes.length} regular expressions in ${files.length} files are unsafe.`);
process.exit(findings.length + unused.length === 0 ? 0 : 1);

// Finds phrases that plain technical English avoids, in the comments, strings and documents of the repository:
// `node .ci/words.mjs [PATH…]`. Reads every file that git tracks, or below the paths also files that are not added yet.
// Plain Node, no dependency.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The phrases: `[name, pattern, advice]`. A space in a pattern also matches a line break and the comment mark after it. */
const PHRASES = [
  ["unless told", /\bunless told\b/i, 'write "Defaults to …"'],
  ["anew", /\banew\b/i, 'write "again", or say what is started: "Start a new sync."'],
  ["mend", /\bmend(s|ed|ing)?\b/i, 'write "fix" or "correct"'],
  ["nobody", /\bnobody('s)?\b/i, 'name the subject: "no user", "no process", "not authenticated"'],
  ["somebody", /\bsomebody('s)?\b/i, 'name the subject: "the user", "another process", "a collaborator"'],
  ["whoever", /\bwhoever\b/i, 'name the subject: "the caller", "any user who …"'],
  [
    "is no …",
    /(?<!\bthere )\b(is|are|was) no (?!(longer|more|less|different|better|worse)\b)[a-z][\w-]*/i,
    'negate the verb: "is not a JSON object"',
  ],
  ["takes no", /\btakes no\b/i, 'write "does not accept" or "has no … option"'],
  ["by now", /\bby now\b/i, 'write "now", or say what changed'],
  ["in vain", /\bin vain\b/i, 'write "failed" or "without success"'],
  ["does not take", /\bdoes not take\b/i, 'write "does not accept", "rejects" or "does not support"'],
  [
    "is told",
    /\b(is|are) told\b/i,
    'say who gets what: "receives", "is notified of", "is given", "is configured with"',
  ],
  ["gives way", /\bgives? way\b/i, 'write "falls back", "yields" or "is replaced by"'],
  ["disturbance", /\bdisturbances?\b/i, 'write "incident", "outage" or "error"'],
  [
    "settle",
    /\b(un)?settl(es?|ed|ing)\b/i,
    'write "resolve" (conflict), "recover" (attempt), "complete" (sync) or "stable" (state)',
  ],
  [
    "docstring begins with a question word",
    /(?<=\/\*\* )(What|How|Whether|Who|Where|Which|When)\b/,
    'begin with a verb ("Returns …") or a noun phrase; for a boolean: "True when …"',
  ],
];

/** The matches that are right as they are: `{ path, phrase, text, reason }`; without `text`, all of the phrase in that file. */
const EXCEPTIONS = [
  {
    path: "examples/live-check/src/live-check.ts",
    phrase: "settle",
    text: "settled",
    reason: "the output format of the live check, which scripts may read",
  },
];

/** This file quotes the phrases; the lockfile is generated. */
const SKIPPED = new Set([".ci/words.mjs", "pnpm-lock.yaml"]);
const READ = /\.(tsx?|mts|cts|mjs|cjs|js|md|ya?ml|jsonc?|prisma|sql)$|^\.ci\/run$/;
const CODE = /\.(tsx|[mc]?ts|[mc]?js)$/;

const OF_CODE = new RegExp(
  [
    String.raw`\/\/.*`,
    String.raw`\/\*[\s\S]*?\*\/`,
    String.raw`"(?:\\.|[^"\\\n])*"`,
    String.raw`'(?:\\.|[^'\\\n])*'`,
    // A slash begins a regular expression where a value can begin.
    String.raw`(?<=(?:[=(,:[!&|?{};+>]|\breturn|^)\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/`,
    "[`{}]",
  ].join("|"),
  "gm",
);
const TEMPLATE = /(?:\\[\s\S]|\$(?!\{)|[^`\\$])*(?:`|\$\{)/y;

/** Blanks code, so that only comments and strings are left, on the lines where they stood. */
function withoutCode(source) {
  let words = "";
  let end = 0;
  const keep = (from, to) => {
    words += source.slice(end, from).replace(/[^\n]*\S[^\n]*/g, "\0") + source.slice(from, to);
    end = to;
  };
  // For each template literal that is open: the number of braces that are open in its current `${…}`.
  const braces = [];
  const keepTemplate = () => {
    TEMPLATE.lastIndex = OF_CODE.lastIndex;
    const part = TEMPLATE.exec(source)?.[0];
    if (part === undefined) return;
    keep(OF_CODE.lastIndex, TEMPLATE.lastIndex);
    OF_CODE.lastIndex = TEMPLATE.lastIndex;
    if (part.endsWith("${")) braces.push(0);
  };
  OF_CODE.lastIndex = 0;
  for (let token = OF_CODE.exec(source); token !== null; token = OF_CODE.exec(source)) {
    const [text] = token;
    if (text === "`") keepTemplate();
    else if (text === "{" && braces.length > 0) braces.push(braces.pop() + 1);
    else if (text === "}" && braces.length > 0) {
      const open = braces.pop();
      if (open === 0) keepTemplate();
      else braces.push(open - 1);
    } else if (/^["']|^\/[/*]/.test(text)) keep(token.index, token.index + text.length);
  }
  keep(source.length, source.length);
  return words;
}

const patterns = PHRASES.map(([name, { source, flags }, advice]) => ({
  name,
  advice,
  pattern: new RegExp(source.replaceAll(" ", String.raw`[\s*/#>]+`), `${flags}g`),
}));

function findingsOf(path) {
  const source = readFileSync(join(root, path), "utf8");
  const text = CODE.test(path) ? withoutCode(source) : source;
  const findings = patterns.flatMap(({ name, advice, pattern }) =>
    [...text.matchAll(pattern)].map((match) => ({
      path,
      name,
      advice,
      line: text.slice(0, match.index).split("\n").length,
      found: match[0].replaceAll(/[\s*/#>]+/g, " "),
    })),
  );
  return findings.sort((one, other) => one.line - other.line);
}

const git = (...args) => execFileSync("git", args, { encoding: "utf8", maxBuffer: 1 << 26 });
const root = git("rev-parse", "--show-toplevel").trim();
const paths = process.argv.slice(2);
const chosen = paths.length === 0 ? ["--", root] : ["--cached", "--others", "--exclude-standard", "--", ...paths];
const tracked = git("ls-files", "-z", "--full-name", ...chosen).split("\0");
const deleted = new Set(git("ls-files", "-z", "--full-name", "--deleted", "--", root).split("\0"));
const files = tracked.filter((path) => READ.test(path) && !SKIPPED.has(path) && !deleted.has(path));

const used = new Set();
const isException = ({ path, name, found }) => {
  const exception = EXCEPTIONS.find(
    (it) => it.path === path && it.phrase === name && (it.text === undefined || it.text === found),
  );
  if (exception !== undefined) used.add(exception);
  return exception !== undefined;
};

const findings = files.flatMap(findingsOf).filter((finding) => !isException(finding));
for (const { path, line, found, advice } of findings) console.log(`${path}:${line}: "${found}": ${advice}`);

const unused = paths.length > 0 ? [] : EXCEPTIONS.filter((it) => !used.has(it));
for (const { path, phrase } of unused)
  console.log(`.ci/words.mjs: the exception "${phrase}" for ${path} matches nothing.`);

if (findings.length > 0) {
  console.log("");
  for (const { name } of patterns) {
    const count = findings.filter((finding) => finding.name === name).length;
    if (count > 0) console.log(`${String(count).padStart(6)}  ${name}`);
  }
}
console.log(`${String(findings.length).padStart(6)}  in ${files.length} files`);
process.exitCode = findings.length + unused.length === 0 ? 0 : 1;

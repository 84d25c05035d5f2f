import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { joinPath, parentPath } from "../../../src/git/path.js";
import { DEFAULT_IGNORES, IgnoreRules, strategiesByPath } from "../../../src/sync/project/ignore-rules.js";
import { type ScratchRepository, scratchRepository } from "../../git/scratch-repository.js";

const SIGNAL = new AbortController().signal;

/** A project's files, and its ignore files by directory. */
interface Project {
  readonly files: readonly string[];
  readonly gitignore: ReadonlyMap<string, string>;
  readonly infrajetignore: ReadonlyMap<string, string>;
}

const NAMES = ["a", "b", "ab", "A", "foo", "foo.b", "#x", "!a", "a ", "a b", ".env", "x.pem", "-"] as const;

const name = fc.constantFrom(...NAMES);
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join("/"));

/** File paths without paths that are directories of others. */
const files = fc
  .uniqueArray(path, { minLength: 1, maxLength: 8 })
  .map((paths) => paths.filter((one) => !paths.some((other) => other.startsWith(`${one}/`))));

// Parts of valid and invalid character classes.
const CLASS_ITEMS = ["a", "b", "A", "-", "]", "[", "!", "^", ":", "\\", "[:alpha:]", "[:upper:]", "[:x:]", "a-b", "."];
const characterClass = fc
  .array(fc.constantFrom(...CLASS_ITEMS), { minLength: 1, maxLength: 4 })
  .map((items) => `[${items.join("")}]`);

// Without `**` next to a letter, where git differs from its manual.
const glob = fc.oneof(
  { weight: 6, arbitrary: name.filter((text) => !/^[#!]| $/.test(text)) },
  { weight: 2, arbitrary: characterClass },
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      "*",
      "**",
      "?",
      "a*",
      "*b",
      "f?o",
      "*.b",
      "[ab]",
      "[!a]",
      "[a-c]*",
      "[^b]",
      "[[:alpha:]]",
      "***",
      "\\a",
      "\\*",
      "\\#x",
      "\\!a",
      "a\\ ",
      "a\\b",
      "[a",
      "[]a]",
      "[a\\]",
      "\\[a",
      "#x",
      "*[!b]",
      "*o*",
      "*a*b*",
      "f*[!a]*o*",
      ".env",
      "*.pem",
    ),
  },
);

const line = fc
  .record({
    not: fc.constantFrom("", "", "!"),
    root: fc.constantFrom("", "", "/"),
    globs: fc.array(glob, { minLength: 1, maxLength: 3 }),
    end: fc.constantFrom("", "", "/", " ", "  ", "\\ ", "/ ", "\t", "/*", "/**", "\\"),
  })
  .map(({ not, root, globs, end }) => not + root + globs.join("/") + end);

const ignoreText = fc
  .record({
    lines: fc.array(
      fc.oneof(
        { weight: 9, arbitrary: line },
        { weight: 1, arbitrary: fc.constantFrom("", "# a", "   ", "!", "/", "!/") },
      ),
      {
        minLength: 1,
        maxLength: 4,
      },
    ),
    newline: fc.constantFrom("\n", "\n", "\r\n"),
    last: fc.boolean(),
    bom: fc.constantFrom("", "", "", "\uFEFF"),
  })
  .map(({ lines, newline, last, bom }) => bom + lines.join(newline) + (last ? newline : ""));

const project: fc.Arbitrary<Project> = files.chain((paths) => {
  const directories = fc.constantFrom("", "", ...directoriesOf(paths));
  const texts = (maxLength: number) =>
    fc.array(fc.tuple(directories, ignoreText), { maxLength }).map((entries) => new Map(entries));
  return fc.record({ files: fc.constant(paths), gitignore: texts(3), infrajetignore: texts(1) });
});

let repository: ScratchRepository;

beforeAll(() => {
  repository = scratchRepository();
});

afterAll(() => repository.remove());

describe("IgnoreRules", () => {
  it("agree with git about every file and directory of random projects", async () => {
    let batches = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(project, { minLength: 1, maxLength: 60 }), async (projects) => {
        batches += 1;
        const said = askGit(`batch-${batches}`, projects);
        for (const [index, one] of projects.entries()) expect(await ours(one), `project ${index}`).toEqual(said[index]);
      }),
      { numRuns: 15 },
    );
  });

  it("include what a deeper ignore file includes again, with everything below it", async () => {
    const one: Project = {
      files: ["a/b/c/d", "a/b/x", "b/c"],
      gitignore: new Map([
        ["", "b\n"],
        ["a", "!b\n"],
        ["a/b", "x\n"],
      ]),
      infrajetignore: new Map(),
    };
    expect(await ours(one)).toEqual(askGit("taken-in", [one])[0]);
    expect(await ours(one)).toMatchObject({ "a/b/c/d": false, "a/b/x": true, "b/c": true });
  });

  it("match escaped wildcards literally when a name is included again", async () => {
    const one: Project = {
      files: ["a/[b]*?\\/c", "a/bx/c"],
      gitignore: new Map([
        ["", "a/?b*\na/bx\n"],
        ["a", "!\\[b*\n"],
      ]),
      infrajetignore: new Map(),
    };
    expect(await ours(one)).toEqual(askGit("literal", [one])[0]);
    expect(await ours(one)).toMatchObject({ "a/[b]*?\\": false, "a/[b]*?\\/c": false, "a/bx/c": true });
  });

  it("ignore state files and secrets unless the project includes them", async () => {
    const secrets = [
      ".env",
      ".env.local",
      "deep/.env",
      "main.tfstate",
      "x/main.tfstate.backup",
      "server.key",
      "c.pem",
      "id_rsa",
      "m/.terraform/x",
    ];
    const rules = new IgnoreRules();
    expect(await covered(rules, secrets)).toEqual(secrets);
    const others = ["main.tf", "env", "key", "id_rsa.pub", ".terraform.lock.hcl", ".terraform"];
    expect(await covered(rules, others)).toEqual([]);
    await rules.add("", "!.env.example\n", SIGNAL);
    await rules.add("deep", "!.env\n", SIGNAL);
    expect(await covered(rules, [".env.example", "deep/.env", ".env"])).toEqual([".env"]);
  });

  it("give `.infrajetignore` precedence over `.gitignore`, and never include `.git`", async () => {
    const rules = new IgnoreRules();
    await rules.add("", "*.log\n!.git\n", SIGNAL);
    await rules.add("", "!keep.log\n", SIGNAL);
    const files = ["x.log", "keep.log", ".git/config", "sub/.git/config", ".git", ".github/x"];
    expect(await covered(rules, files)).toEqual(["x.log", ".git/config", "sub/.git/config", ".git"]);
  });

  it("match `?` against one character, where git matches one byte", async () => {
    const one: Project = { files: ["xéy"], gitignore: new Map([["", "x?y"]]), infrajetignore: new Map() };
    expect(await ours(one)).toEqual({ xéy: true });
    expect(askGit("characters", [one])[0]).toEqual({ xéy: false });
  });
});

describe("IgnoreRules with adversarial patterns", () => {
  const deep = Array.from({ length: 1_000 }, () => "a").join("/");
  const long = "a".repeat(255);

  it.each([
    ["directories", `${"**/a/".repeat(200)}b`, deep],
    ["names", `${"*a".repeat(100)}b`, long],
    ["classes", `${"*[a-z]".repeat(100)}[!a-z]`, long],
    ["repeated asterisks", `${"*".repeat(10_000)}b`, long],
    ["unclosed classes", "[[:".repeat(100_000), long],
  ])("match in linear time: %s", async (_name, pattern, path) => {
    const rules = new IgnoreRules([pattern]);
    expect(await rules.covers(path, SIGNAL)).toBe(false);
    const matching = new IgnoreRules([pattern.replace(/b$/, "a")]);
    expect(await matching.ignores(path, false, SIGNAL)).toBe(pattern.endsWith("b"));
  });
});

describe("strategiesByPath", () => {
  const options = {
    strategy: "merge",
    pathStrategies: [
      { pattern: "*.lock", strategy: "theirs" },
      { pattern: "/docs/", strategy: "ours" },
      { pattern: "docs/**/*.lock", strategy: "fail" },
      { pattern: "docs/exact.lock", strategy: "merge" },
      { pattern: "Makefile", strategy: "ours" },
      { pattern: "*.exact", strategy: "theirs" },
      { pattern: "a.exact", strategy: "fail" },
      { pattern: "?.exact", strategy: "ours" },
    ],
  } as const;

  it.each([
    ["main.tf", "merge"],
    [".terraform.lock", "theirs"],
    ["deep/down/x.lock", "theirs"],
    ["docs/a.md", "ours"],
    ["docs/deep/a.md", "ours"],
    ["other/docs/a.md", "merge"],
    ["docs/x.lock", "fail"],
    ["docs/exact.lock", "merge"],
    ["a.exact", "fail"],
    ["deep/a.exact", "ours"],
    ["ab.exact", "theirs"],
    ["docs/deep/x.lock", "fail"],
    ["Makefile", "ours"],
    ["makefile", "merge"],
    ["sub/Makefile", "ours"],
  ])("picks the strategy for %s: %s", async (path, strategy) => {
    const strategyFor = await strategiesByPath(options, [path], SIGNAL);
    expect(strategyFor(path)).toBe(strategy);
  });

  it("returns the sync's own strategy without patterns", async () => {
    const strategyFor = await strategiesByPath({ strategy: "pull_request", pathStrategies: [] }, ["x"], SIGNAL);
    expect(strategyFor("x")).toBe("pull_request");
  });
});

/** Returns the paths that the rules cover. */
async function covered(rules: IgnoreRules, paths: readonly string[]): Promise<string[]> {
  const result: string[] = [];
  for (const path of paths) if (await rules.covers(path, SIGNAL)) result.push(path);
  return result;
}

/** Returns for each file and directory of a project whether the rules ignore it, entered as a listing does. */
async function ours({ files: paths, gitignore, infrajetignore }: Project): Promise<Record<string, boolean>> {
  const rules = new IgnoreRules();
  const directories = directoriesOf(paths);
  const result: Record<string, boolean> = {};
  const read = async (directory: string): Promise<void> => {
    for (const text of [gitignore.get(directory), infrajetignore.get(directory)])
      if (text !== undefined) await rules.add(directory, text, SIGNAL);
  };
  await read("");
  // Parents are shorter than the paths below them.
  for (const directory of [...directories].sort((left, right) => left.length - right.length)) {
    result[directory] = (result[parentPath(directory)] ?? false) || (await rules.ignores(directory, true, SIGNAL));
    if (!result[directory]) await read(directory);
  }
  for (const file of paths) {
    result[file] = (result[parentPath(file)] ?? false) || (await rules.ignores(file, false, SIGNAL));
    expect(await rules.covers(file, SIGNAL), `covers ${file}`).toBe(result[file]);
  }
  return result;
}

/** Writes all projects into one repository and returns what git ignores in each. */
function askGit(batch: string, projects: readonly Project[]): Record<string, boolean>[] {
  const asked: string[] = [];
  for (const [index, { files: paths, gitignore, infrajetignore }] of projects.entries()) {
    const root = `${batch}/${index}`;
    for (const file of paths) write(`${root}/${file}`, "");
    for (const directory of ["", ...directoriesOf(paths)]) {
      // Git reads one file: the defaults come first, and .infrajetignore last.
      const defaults = directory === "" ? `${DEFAULT_IGNORES.join("\n")}\n` : "";
      const parts = [gitignore.get(directory), infrajetignore.get(directory)].flatMap((text) =>
        text === undefined ? [] : [text.replace(/^\uFEFF/, "")],
      );
      if (defaults !== "" || parts.length > 0)
        write(`${joinPath(root, directory)}/.gitignore`.replace("//", "/"), defaults + parts.join("\n"));
    }
    asked.push(...[...directoriesOf(paths), ...paths].map((one) => `${root}/${one}`));
  }
  const options = ["-c", "core.ignorecase=false", "check-ignore", "--stdin", "-z", "--no-index", "-v", "-n"];
  // git exits with 1 when nothing is ignored.
  const answer = repository
    .tryGit(options, { input: asked.join("\0") })
    .stdout.toString()
    .split("\0");
  expect(answer.length).toBe(4 * asked.length + 1);
  const results = projects.map((): Record<string, boolean> => ({}));
  for (let at = 0; at + 3 < answer.length; at += 4) {
    const [pattern = "", asked_ = ""] = [answer[at + 2], answer[at + 3]];
    const [, index = "", file = ""] = /^[^/]+\/(\d+)\/(.*)$/s.exec(asked_) ?? [];
    const result = results[Number(index)];
    if (result !== undefined) result[file] = pattern !== "" && !pattern.startsWith("!");
  }
  return results;
}

function write(relative: string, text: string): void {
  const absolute = join(repository.directory, relative);
  mkdirSync(dirname(absolute), { recursive: true });
  writeFileSync(absolute, text);
}

function directoriesOf(paths: readonly string[]): string[] {
  const directories = new Set<string>();
  for (const file of paths)
    for (let parent = parentPath(file); parent !== ""; parent = parentPath(parent)) directories.add(parent);
  return [...directories];
}

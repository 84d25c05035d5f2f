import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import {
  MAX_MERGE_BYTES,
  MAX_MERGE_EDITS,
  MAX_MERGE_LINES,
  type MergeSides,
  mergeMode,
  mergeText,
} from "../../src/git/merge.js";
import { type ScratchRepository, scratchRepository } from "./scratch-repository.js";

interface Texts {
  readonly base: string;
  readonly ours: string;
  readonly theirs: string;
}

const bytesOf = ({ base, ours, theirs }: Texts): MergeSides => ({
  base: Buffer.from(base),
  ours: Buffer.from(ours),
  theirs: Buffer.from(theirs),
});

/** Returns the merged text, or `null` for a conflict. */
function merged(texts: Texts): string | null {
  const merge = mergeText(bytesOf(texts));
  return merge.clean ? Buffer.from(merge.bytes).toString() : null;
}

const SIDES = ["base", "ours", "theirs"] as const;

/** Returns git's result of each merge (`null` for a conflict): one checkout merges all unmerged files of an index. */
function gitMerges(repository: ScratchRepository, cases: readonly Texts[]): (string | null)[] {
  const script: string[] = [];
  for (const side of SIDES) {
    script.push(`commit refs/heads/${side}\ncommitter T <t@example.com> 0 +0000\ndata 0\ndeleteall`);
    for (const [index, texts] of cases.entries()) {
      script.push(`M 100644 inline ${index}\ndata ${Buffer.byteLength(texts[side])}\n${texts[side]}`);
    }
  }
  repository.git(["fast-import", "--quiet", "--force"], { input: `${script.join("\n")}\n` });
  repository.git(["read-tree", "--empty"]);
  repository.git(["read-tree", "-m", "base", "ours", "theirs"]);
  const paths = join(repository.directory, ".paths");
  writeFileSync(paths, cases.map((_, index) => `${index}\0`).join(""));
  repository.git(["checkout", "--quiet", "--merge", `--pathspec-from-file=${paths}`, "--pathspec-file-nul"]);
  return cases.map((_, index) => {
    const text = readFileSync(join(repository.directory, String(index)), "utf8");
    return text.includes("<<<<<<<") ? null : text;
  });
}

/** Arbitrary replacements of lines. */
function anyEdit(lines: readonly string[], line: fc.Arbitrary<string>, most: number): fc.Arbitrary<string[]> {
  const edit = fc.record({
    at: fc.nat(lines.length),
    removed: fc.nat(2),
    added: fc.array(line, { maxLength: 2 }),
  });
  return fc.array(edit, { minLength: 1, maxLength: most }).map((edits) => {
    const edited = [...lines];
    for (const { at, removed, added } of edits) edited.splice(Math.min(at, edited.length), removed, ...added);
    return edited;
  });
}

/** Arbitrary triples of versions, each with or without a line feed at its end. */
function anyTexts(base: fc.Arbitrary<string[]>, line: fc.Arbitrary<string>, most: number): fc.Arbitrary<Texts> {
  const text = (lines: fc.Arbitrary<string[]>) =>
    fc.tuple(lines, fc.constantFrom(true, true, true, false)).map(([each, ends]) => {
      const joined = each.join("");
      return ends ? joined : joined.replace(/\r?\n$/, "");
    });
  return base.chain((lines) =>
    fc.record({
      base: text(fc.constant(lines)),
      ours: text(anyEdit(lines, line, most)),
      theirs: text(anyEdit(lines, line, most)),
    }),
  );
}

const anyLine = fc
  .tuple(fc.nat(24), fc.constantFrom("\n", "\n", "\n", "\r\n"))
  .map(([number, end]) => `line ${number}${end}`);
const anyText = anyTexts(fc.array(anyLine, { maxLength: 40, size: "max" }), anyLine, 3);

// Blocks as in Terraform: closing braces and blank lines repeat, and an added block can slide along them.
const attribute = fc
  .tuple(
    fc.constantFrom("name", "type", "size", "tags", "count", "enabled"),
    fc.constantFrom("1", "2", "true", "var.x"),
  )
  .map(([name, value]) => `  ${name} = ${value}\n`);
const block = fc
  .tuple(
    fc.constantFrom("resource", "variable", "output"),
    fc.nat(30),
    fc.array(attribute, { minLength: 1, maxLength: 4 }),
  )
  .map(([kind, number, attributes]) => [`${kind} "n${number}" {\n`, ...attributes, "}\n", "\n"]);
const blocks = fc.array(block, { minLength: 1, maxLength: 8, size: "max" }).map((all) => all.flat());
const blockEdit = fc.oneof(
  attribute,
  fc.constant("\n"),
  block.map((lines) => lines.join("")),
);
const anyConfiguration = anyTexts(blocks, blockEdit, 2);

const isRealMerge = ({ base, ours, theirs }: Texts) => base !== ours && base !== theirs && ours !== theirs;

describe("mergeText compared with git", () => {
  const repository = scratchRepository();
  afterAll(() => repository.remove());

  // The seeds are fixed, since two diff algorithms, also git's own two, differ for some texts.
  test.each([
    ["random lines", anyText, 11],
    ["configuration", anyConfiguration, 12],
  ])("%s: is clean only where git is, with the same bytes", (_, arbitrary, seed) => {
    const cases = fc.sample(fc.noBias(arbitrary), { numRuns: 700, seed }).filter(isRealMerge);
    const expected = gitMerges(repository, cases);
    let clean = 0;
    let missed = 0;
    for (const [index, texts] of cases.entries()) {
      const ours = merged(texts);
      if (ours !== null && ours !== expected[index]) expect({ ...texts, merged: ours }).toBe(expected[index]);
      if (ours !== null) clean++;
      else if (expected[index] !== null) missed++;
    }
    expect(clean).toBeGreaterThan(300);
    expect(missed).toBeLessThan(clean / 50);
  });
});

describe("mergeText", () => {
  test("returns the other side when one side is unchanged, whatever its content", () => {
    const bytes = fc.uint8Array({ maxLength: 40 });
    fc.assert(
      fc.property(bytes, bytes, (base, changed) => {
        expect(mergeText({ base, ours: changed, theirs: base })).toEqual({ clean: true, bytes: changed });
        expect(mergeText({ base, ours: base, theirs: changed })).toEqual({ clean: true, bytes: changed });
        expect(mergeText({ base, ours: changed, theirs: changed })).toEqual({ clean: true, bytes: changed });
      }),
    );
  });

  test("returns the same result with the sides exchanged", () => {
    fc.assert(
      fc.property(fc.oneof(anyText, anyConfiguration), ({ base, ours, theirs }) => {
        expect(mergeText(bytesOf({ base, ours, theirs }))).toEqual(
          mergeText(bytesOf({ base, ours: theirs, theirs: ours })),
        );
      }),
    );
  });

  test("merges changes with an unchanged line between them", () => {
    const part = fc.array(fc.nat(5), { maxLength: 3 });
    fc.assert(
      fc.property(fc.tuple(part, part), fc.tuple(part, part), fc.constantFrom("\n", "\r\n"), (upper, lower, end) => {
        const text = (top: readonly number[], bottom: readonly number[]) =>
          [...top.map((line) => `u${line}`), "between", ...bottom.map((line) => `l${line}`)].join(end);
        const texts = {
          base: text(upper[0], lower[0]),
          ours: text(upper[1], lower[0]),
          theirs: text(upper[0], lower[1]),
        };
        // A line feed that is added or removed with the lines below it changes the line between.
        fc.pre(lower[0].length > 0 === lower[1].length > 0);
        expect(merged(texts)).toBe(text(upper[1], lower[1]));
      }),
    );
  });

  test.each<readonly [string, Texts, string | null]>([
    ["the same change", { base: "a\nb\n", ours: "a\nB\n", theirs: "a\nB\n" }, "a\nB\n"],
    ["the same change and one more", { base: "a\nb\nc\n", ours: "A\nb\nc\n", theirs: "A\nb\nC\n" }, "A\nb\nC\n"],
    ["changes of one line", { base: "a\n", ours: "b\n", theirs: "c\n" }, null],
    ["changes of neighbouring lines", { base: "a\nb\n", ours: "A\nb\n", theirs: "a\nB\n" }, null],
    ["a change and a deletion", { base: "a\nb\nc\n", ours: "a\nB\nc\n", theirs: "a\nc\n" }, null],
    ["two lines added at one place", { base: "a\nb\n", ours: "a\nx\nb\n", theirs: "a\ny\nb\n" }, null],
    ["a line deleted beside one that may be it", { base: "b\nb\n", ours: "a\nb\n", theirs: "b\n" }, null],
    ["a line added where it may be another's", { base: "a\na\n", ours: "a\na\nb\n", theirs: "b\na\n" }, "b\na\nb\n"],
    // Git returns "b\na\n": it assumes that a moved, but b may have moved too.
    ["lines exchanged, one of them deleted", { base: "a\nb\n", ours: "b\na\n", theirs: "b\n" }, null],
    ["lines that several edits explain", { base: "b\na\nb\n", ours: "a\na\nb\n", theirs: "a\na\nb\nb\n" }, null],
    [
      "CRLF kept on both sides",
      { base: "a\r\nb\r\nc\r\n", ours: "A\r\nb\r\nc\r\n", theirs: "a\r\nb\r\nC\r\n" },
      "A\r\nb\r\nC\r\n",
    ],
    ["CRLF brought in by one side", { base: "a\nb\nc\n", ours: "a\r\nb\r\nc\r\n", theirs: "a\nb\nC\n" }, null],
    [
      "mixed line endings",
      { base: "a\nb\r\nc\rd\n", ours: "A\nb\r\nc\rd\n", theirs: "a\nb\r\nc\rD\n" },
      "A\nb\r\nc\rD\n",
    ],
    ["a line feed taken from the end", { base: "a\nb\nc\n", ours: "A\nb\nc\n", theirs: "a\nb\nc" }, "A\nb\nc"],
    ["a line feed added at the end", { base: "a\nb\nc", ours: "A\nb\nc", theirs: "a\nb\nc\n" }, "A\nb\nc\n"],
    ["lines added to an end without a line feed", { base: "a", ours: "a\nb", theirs: "a\nc" }, null],
    ["all lines deleted on one side", { base: "a\nb\n", ours: "", theirs: "a\nB\n" }, null],
    ["lines added to nothing", { base: "", ours: "a\n", theirs: "b\n" }, null],
    [
      "a byte order mark kept",
      { base: "\ufeffa\nb\nc\n", ours: "\ufeffA\nb\nc\n", theirs: "\ufeffa\nb\nC\n" },
      "\ufeffA\nb\nC\n",
    ],
    ["Unicode", { base: "ä\n€\n😀\n", ours: "Ä\n€\n😀\n", theirs: "ä\n€\n😁\n" }, "Ä\n€\n😁\n"],
    [
      "a block added below a block that the other side changed",
      { base: "a {\n  x\n}\n\nb {\n}\n", ours: "a {\n  x\n}\n\nc {\n}\n\nb {\n}\n", theirs: "a {\n  y\n}\n\nb {\n}\n" },
      "a {\n  y\n}\n\nc {\n}\n\nb {\n}\n",
    ],
  ])("merges %s", (_, texts, expected) => {
    expect(merged(texts)).toBe(expected);
  });

  test("counts the conflicts", () => {
    const texts = { base: "a\nb\nc\nd\ne\n", ours: "1\nb\n2\nd\n3\n", theirs: "x\nb\ny\nd\n3\n" };
    expect(mergeText(bytesOf(texts))).toEqual({ clean: false, reason: "overlap", conflicts: 2 });
  });

  test.each(SIDES)("returns binary for a binary %s", (side) => {
    const sides = bytesOf({ base: "a\nb\nc\n", ours: "A\nb\nc\n", theirs: "a\nb\nC\n" });
    const late = Buffer.concat([Buffer.alloc(9_000, "a\n"), Buffer.from([0])]);
    for (const binary of [Buffer.from("a\0b\n"), Buffer.from("\xe4\n", "latin1"), late]) {
      expect(mergeText({ ...sides, [side]: binary })).toEqual({ clean: false, reason: "binary" });
    }
  });

  test.each(SIDES)("returns too_large for a large %s", (side) => {
    const sides = bytesOf({ base: "a\nb\nc\n", ours: "A\nb\nc\n", theirs: "a\nb\nC\n" });
    for (const large of ["a".repeat(MAX_MERGE_BYTES + 1), "\n".repeat(MAX_MERGE_LINES + 1)]) {
      expect(mergeText({ ...sides, [side]: Buffer.from(large) })).toEqual({ clean: false, reason: "too_large" });
    }
  });

  test("returns too_large when one side changed too many lines", () => {
    const numbered = (count: number, prefix: string) =>
      Array.from({ length: count }, (_, index) => `${prefix}${index}\n`).join("");
    const atLimit = { base: "a\nb\n", ours: `a\nb\n${numbered(MAX_MERGE_EDITS, "x")}`, theirs: "A\nb\n" };
    const beyond = { ...atLimit, ours: `a\nb\n${numbered(MAX_MERGE_EDITS + 1, "x")}` };
    expect(merged(atLimit)).toBe(`A\nb\n${numbered(MAX_MERGE_EDITS, "x")}`);
    expect(mergeText(bytesOf(beyond))).toEqual({ clean: false, reason: "too_large" });
  });

  test("takes as long for large texts of one repeated line", () => {
    const base = "}\n".repeat(MAX_MERGE_LINES - 1);
    expect(merged({ base, ours: `first\n${base}`, theirs: `${base}last\n` })).toBe(`first\n${base}last\n`);
  });
});

test.each([
  ["100644", "100644", "100644", "100644"],
  ["100644", "100755", "100644", "100755"],
  ["100644", "100644", "100755", "100755"],
  ["100644", "100755", "100755", "100755"],
  ["100644", "100755", "120000", null],
  [null, "100755", "100755", "100755"],
  [null, "100644", "100755", null],
] as const)("mergeMode merges %s → %s and %s to %s", (base, ours, theirs, expected) => {
  expect(mergeMode(base, ours, theirs)).toBe(expected);
});

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FilterAttributes } from "../../../src/sync/project/filter-attributes.js";
import { type ScratchRepository, scratchRepository } from "../../git/scratch-repository.js";

const SIGNAL = new AbortController().signal;

const FILES: Readonly<Record<string, string>> = {
  ".gitattributes": [
    "# a comment",
    "[attr]large filter=lfs diff=lfs -text",
    "*.bin filter=lfs diff=lfs merge=lfs -text",
    "*.psd large",
    "*.txt text filter=none",
    "*.txt !filter",
    "/root.dat filter=lfs",
    "docs/** filter=lfs",
    "docs/*.md -filter",
    '"with space.x" filter=lfs',
    '"t\\303\\251.x" filter=lfs',
    "!no.bin filter=other",
    "directory/ filter=lfs",
    "\\#hash filter=lfs",
  ].join("\n"),
  "sub/.gitattributes": "*.bin -filter\nkeep.bin filter=crypt\n[attr]ignored filter=x\n*.z ignored\n",
};

const PATHS = [
  "a.bin",
  "no.bin",
  "sub/a.bin",
  "sub/keep.bin",
  "sub/deep/keep.bin",
  "sub/a.z",
  "a.psd",
  "deep/a.psd",
  "a.txt",
  "root.dat",
  "deep/root.dat",
  "docs/a.md",
  "docs/a/b.md",
  "docs/x.c",
  "with space.x",
  "té.x",
  "directory/file",
  "#hash",
  "plain",
];

describe("FilterAttributes", () => {
  let repository: ScratchRepository;
  beforeAll(() => {
    repository = scratchRepository();
    for (const [path, text] of Object.entries(FILES)) {
      const absolute = join(repository.directory, path);
      mkdirSync(dirname(absolute), { recursive: true });
      writeFileSync(absolute, text);
    }
  });
  afterAll(() => repository.remove());

  it("agrees with git about the filter of every path", async () => {
    const attributes = new FilterAttributes();
    await attributes.add("", FILES[".gitattributes"] ?? "", SIGNAL);
    await attributes.add("sub", FILES["sub/.gitattributes"] ?? "", SIGNAL);
    const ours: Record<string, string | null> = {};
    for (const path of PATHS) ours[path] = await attributes.filterOf(path, SIGNAL);
    const { stdout } = repository.tryGit(["check-attr", "-z", "--stdin", "filter"], { input: PATHS.join("\0") });
    const fields = stdout.toString().split("\0");
    const theirs: Record<string, string | null> = {};
    for (let at = 0; at + 2 < fields.length; at += 3) {
      const value = fields[at + 2] ?? "";
      theirs[fields[at] ?? ""] = ["unspecified", "unset", "set"].includes(value) ? null : value;
    }
    expect(ours).toEqual(theirs);
    expect(ours).toMatchObject({ "a.bin": "lfs", "sub/a.bin": null, "sub/keep.bin": "crypt", "a.psd": "lfs" });
  });
});

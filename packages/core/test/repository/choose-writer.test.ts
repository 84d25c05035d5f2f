import { describe, expect, it } from "vitest";
import { chooseWriter, type WriterPreferences } from "../../src/repository/choose-writer.js";
import type { ChangeSet, CommitWriter } from "../../src/repository/commit-writer.js";
import { createGitDataWriter } from "../../src/repository/git-data-writer.js";
import { graphqlWriter } from "../../src/repository/graphql-writer.js";
import { createPushWriter } from "../../src/repository/push-writer.js";

const push = createPushWriter({ author: null, sign: null });
const writers = [graphqlWriter, createGitDataWriter()];
const file = { path: "a.txt", mode: "100644", oid: "1".repeat(40), size: 4_000, previousMode: null } as const;
const small: ChangeSet = {
  repository: { id: 1, nodeId: "R", fullName: "o/r", htmlUrl: "", isEmpty: false, defaultBranch: "main" },
  branch: "main",
  expectedHead: "1".repeat(40),
  parent: "1".repeat(40),
  baseTree: "2".repeat(40),
  writes: [file, { ...file, path: "b.txt" }, { ...file, path: "c.txt" }],
  deletes: [],
  message: "",
  trailer: "",
  expectedTree: null,
  missing: { directory: "", before: "2".repeat(40), tree: "3".repeat(40), trees: [], blobs: [] },
  author: { name: "octo", email: "1+octo@users.noreply.github.com" },
  requestedAuthor: null,
  date: new Date(0),
  deflated: () => Promise.reject(new Error("chooseWriter reads no content")),
  content: () => Promise.reject(new Error("chooseWriter reads no content")),
};
const script: ChangeSet = { ...small, writes: [{ ...file, mode: "100755" }], deletes: ["x"] };
const huge: ChangeSet = { ...small, writes: [{ ...file, size: 40_000_000 }] };
const auto: WriterPreferences = {
  wanted: "auto",
  requiresSignatures: false,
  credentialKind: "user",
  blocked: new Set(),
};
const choose = (
  changeSet: ChangeSet,
  preferences: Partial<WriterPreferences> = {},
  available: readonly CommitWriter[] = writers,
) => {
  const { order, reason } = chooseWriter(changeSet, { ...auto, ...preferences }, available);
  return [order.map(({ name }) => name), reason];
};

describe("chooseWriter", () => {
  it("chooses the first writer that can make the commit, then the others as fallbacks, with a readable reason", () => {
    expect(choose(small)).toEqual([["graphql", "git-data"], "graphql: 3 files, 12 kB, signed by GitHub"]);
    const noModes = "(not graphql: it cannot set file modes, and a.txt is or was not a plain file)";
    expect(choose(script)).toEqual([["git-data"], `git-data: 2 files, 4 kB, not signed ${noModes}`]);
    expect(choose(script, { credentialKind: "installation" })[1]).toBe(
      `git-data: 2 files, 4 kB, signed by GitHub ${noModes}`,
    );
    expect(choose({ ...small, writes: [{ ...file, size: 5 }] })[1]).toContain("1 file, 5 bytes");
  });

  it("does not choose graphql, and does not count git-data as signed, for a requested author", () => {
    const requestedAuthor = { name: "Ada", email: "ada@example.com" };
    const authored = { ...small, requestedAuthor };
    expect(choose(authored)).toEqual([
      ["git-data"],
      "git-data: 3 files, 12 kB, not signed (not graphql: it cannot set the author of a commit)",
    ]);
    expect(() => choose(authored, { wanted: "graphql" })).toThrow("it cannot set the author of a commit");
    const signed = { requiresSignatures: true, credentialKind: "installation" } as const;
    expect(choose(script, signed)[0]).toEqual(["git-data"]);
    expect(() => choose({ ...script, requestedAuthor }, signed)).toThrow("requires signed commits");
  });

  it("tries writers that recently could not reach GitHub last", () => {
    const all = [graphqlWriter, push, createGitDataWriter()];
    const blocked = new Set(["push" as const]);
    expect(choose(script, { blocked }, all)).toEqual([
      ["git-data", "push"],
      "git-data: 2 files, 4 kB, not signed (not graphql: it cannot set file modes, and a.txt is or was not a plain file; push: it could not reach GitHub recently)",
    ]);
    const larger = { ...script, writes: script.writes.map((write) => ({ ...write, size: 100_000 })) };
    expect(choose(larger, {}, all)[0]).toEqual(["push", "git-data"]);
    expect(choose(larger, { blocked }, all)[0]).toEqual(["git-data", "push"]);
    expect(choose(huge, { blocked }, all)[0]).toEqual(["push"]);
    expect(choose(script, { blocked, wanted: "push" }, all)[0]).toEqual(["push"]);
    expect(choose(small, { blocked }, all)).toEqual([
      ["graphql", "git-data", "push"],
      "graphql: 3 files, 12 kB, signed by GitHub",
    ]);
  });

  it("chooses a push for large, many, special and new files", () => {
    const all = [graphqlWriter, push, createGitDataWriter()];
    const names = (changeSet: ChangeSet): readonly string[] => choose(changeSet, {}, all)[0] as readonly string[];
    const many = {
      ...small,
      writes: Array.from({ length: 1240 }, (_, i) => ({ ...file, path: `${i}`, size: 15_000 })),
    };
    expect(choose(many, {}, all)).toEqual([
      ["push", "git-data"],
      "push: 1,240 files, 19 MB, not signed (not graphql: 1,240 files are more than the 100 it is chosen for)",
    ]);
    expect(names(small)).toEqual(["graphql", "push", "git-data"]);
    expect(names(script)).toEqual(["push", "git-data"]);
    expect(names(huge)).toEqual(["push"]);
    expect(names({ ...small, expectedHead: null })).toEqual(["push", "git-data"]);
    const empty = { ...small.repository, isEmpty: true };
    expect(names({ ...small, repository: empty, expectedHead: null, parent: null, baseTree: null })).toEqual([
      "push",
      "git-data",
    ]);
    expect(names({ ...script, missing: null })).toEqual(["git-data"]);
    expect(() => names({ ...small, writes: [{ ...file, size: 100 * 1024 * 1024 + 1 }] })).toThrow(
      expect.objectContaining({ code: "writer_refused", message: expect.stringContaining("up to 100 MB, and a.txt") }),
    );
  });

  it("chooses a push for more than 64 kB, unless it cannot push, another writer is pinned, or signatures are required", () => {
    const all = [graphqlWriter, push, createGitDataWriter()];
    const at = { ...small, writes: [{ ...file, size: 65_536 }] };
    const over = { ...small, writes: Array.from({ length: 5 }, (_, i) => ({ ...file, path: `${i}`, size: 20_000 })) };
    expect(choose(at, {}, all)[0]).toEqual(["graphql", "push", "git-data"]);
    expect(choose(over, {}, all)).toEqual([
      ["push", "graphql", "git-data"],
      "push: 5 files, 100 kB, not signed (not graphql: a push compresses more than 64 kB)",
    ]);
    expect(choose({ ...over, missing: null }, {}, all)[0]).toEqual(["graphql", "git-data"]);
    expect(choose(over, { wanted: "graphql" }, all)[0]).toEqual(["graphql"]);
    expect(choose(over, { requiresSignatures: true }, all)).toEqual([
      ["graphql"],
      "graphql: 5 files, 100 kB, signed by GitHub",
    ]);
    const installation = { requiresSignatures: true, credentialKind: "installation" } as const;
    expect(choose(over, installation, all)[0]).toEqual(["graphql", "git-data"]);
  });

  it("chooses a push for required signatures only when the host signs", () => {
    const signed = createPushWriter({ author: null, sign: async () => "" });
    const preferences = { requiresSignatures: true } as const;
    expect(() => choose(script, preferences, [graphqlWriter, push])).toThrow(
      expect.objectContaining({ code: "signature_required" }),
    );
    expect(choose(script, preferences, [graphqlWriter, signed])).toEqual([
      ["push"],
      "push: 2 files, 4 kB, signed by the host (not graphql: it cannot set file modes, and a.txt is or was not a plain file)",
    ]);
    expect(choose(script, { ...preferences, credentialKind: "installation" }, [push, createGitDataWriter()])).toEqual([
      ["git-data"],
      "git-data: 2 files, 4 kB, signed by GitHub (not push: the branch requires signed commits)",
    ]);
  });

  it("accepts a pinned graphql writer for more files and bytes than it is chosen for", () => {
    const many = { ...small, writes: Array.from({ length: 109 }, (_, index) => ({ ...file, path: `${index}` })) };
    expect(choose(many)[0]).toEqual(["git-data"]);
    expect(choose(many, { wanted: "graphql" })).toEqual([["graphql"], "graphql: 109 files, 436 kB, signed by GitHub"]);
    expect(choose({ ...small, writes: [{ ...file, size: 5_000_000 }] }, { wanted: "graphql" })[0]).toEqual(["graphql"]);
  });

  it("says that a pinned writer cannot make the commit", () => {
    expect(() => choose(script, { wanted: "graphql" })).toThrow(/^The writer graphql cannot make this commit \(/);
    expect(() => choose(huge, {}, [createGitDataWriter()])).toThrow(/^No writer can make this commit \(/);
  });

  it("chooses only the pinned writer", () => {
    expect(choose(small, { wanted: "git-data" })[0]).toEqual(["git-data"]);
  });

  it("omits writers with unsigned commits when the branch requires signatures", () => {
    expect(choose(small, { requiresSignatures: true })[0]).toEqual(["graphql"]);
    expect(choose(small, { requiresSignatures: true, credentialKind: "installation" })[0]).toEqual([
      "graphql",
      "git-data",
    ]);
    expect(() => choose(script, { requiresSignatures: true })).toThrow(
      expect.objectContaining({ code: "signature_required" }),
    );
    expect(() => choose(small, { requiresSignatures: true, wanted: "git-data" })).toThrow(
      expect.objectContaining({ code: "signature_required" }),
    );
  });

  it("throws the reasons when no writer can make the commit", () => {
    expect(() => choose(script, { wanted: "graphql" })).toThrow(
      expect.objectContaining({
        code: "writer_refused",
        message: expect.stringContaining("a.txt is or was not a plain file"),
      }),
    );
    expect(() => choose(huge)).toThrow(
      expect.objectContaining({
        code: "writer_refused",
        message: expect.stringMatching(/graphql: .*38\.1 MB.*git-data: .*a\.txt has 38\.1 MB/),
        details: { refusals: { graphql: expect.any(String), "git-data": expect.any(String) } },
      }),
    );
    expect(() => choose(small, { wanted: "push" })).toThrow(expect.objectContaining({ code: "writer_refused" }));
  });
});

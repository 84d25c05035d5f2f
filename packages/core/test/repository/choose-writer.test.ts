import { describe, expect, it } from "vitest";
import { chooseWriter, type WriterWish } from "../../src/repository/choose-writer.js";
import type { ChangeSet, CommitWriter } from "../../src/repository/commit-writer.js";
import { createGitDataWriter } from "../../src/repository/git-data-writer.js";
import { graphqlWriter } from "../../src/repository/graphql-writer.js";

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
  content: () => Promise.reject(new Error("a choice reads nothing")),
};
const script: ChangeSet = { ...small, writes: [{ ...file, mode: "100755" }], deletes: ["x"] };
const huge: ChangeSet = { ...small, writes: [{ ...file, size: 40_000_000 }] };
const auto: WriterWish = { wanted: "auto", requiresSignatures: false, credentialKind: "user" };
const choose = (changeSet: ChangeSet, wish: Partial<WriterWish> = {}, available: readonly CommitWriter[] = writers) => {
  const { order, reason } = chooseWriter(changeSet, { ...auto, ...wish }, available);
  return [order.map(({ name }) => name), reason];
};

describe("the choice of a writer", () => {
  it("is the first that can, then the others that can, with its reason in words", () => {
    expect(choose(small)).toEqual([["graphql", "git-data"], "graphql: 3 files, 12 kB, signed by GitHub"]);
    expect(choose(script)).toEqual([["git-data"], "git-data: 2 files, 4 kB, not signed"]);
    expect(choose(script, { credentialKind: "installation" })[1]).toBe("git-data: 2 files, 4 kB, signed by GitHub");
    expect(choose({ ...small, writes: [{ ...file, size: 5 }] })[1]).toContain("1 file, 5 bytes");
  });

  it("is the pinned one alone", () => {
    expect(choose(small, { wanted: "git-data" })[0]).toEqual(["git-data"]);
  });

  it("leaves out writers whose commits are not signed where the branch wants signatures", () => {
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

  it("fails with the reasons when nobody can", () => {
    expect(() => choose(script, { wanted: "graphql" })).toThrow(
      expect.objectContaining({
        code: "writer_refused",
        message: expect.stringContaining("a.txt is or was no plain file"),
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

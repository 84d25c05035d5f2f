import { describe, expect, it } from "vitest";
import { MAX_MERGE_BYTES } from "../../../src/git/merge.js";
import { hashObject } from "../../../src/git/object-id.js";
import type { PathVersions } from "../../../src/sync/plan/compare.js";
import { type MergeContents, mergeConflicts } from "../../../src/sync/plan/merge-conflicts.js";
import { nextTurn } from "../project/recorded-session.js";

interface Side {
  readonly text: string;
  readonly mode?: "100644" | "100755" | "120000";
}

const oid = (text: string): string => hashObject("blob", Buffer.from(text), "sha1");

const versionsOf = (
  base: Side | null,
  local: Side | null,
  remote: (Omit<Side, "mode"> & { readonly mode?: string }) | null,
): PathVersions => ({
  base: base && { mode: base.mode ?? "100644", oid: oid(base.text), versionTag: null },
  local: local && {
    path: "f",
    mode: local.mode ?? "100644",
    oid: oid(local.text),
    size: local.text.length,
    versionTag: null,
  },
  remote: remote && { mode: remote.mode ?? "100644", oid: oid(remote.text) },
});

function contentsOf(texts: readonly string[], without: { readonly base?: boolean; readonly remote?: boolean } = {}) {
  const blobs = new Map(texts.map((text) => [oid(text), Buffer.from(text) as Uint8Array]));
  const asked: string[] = [];
  const find =
    (side: string, gone = false) =>
    async (id: string) => {
      asked.push(side);
      await nextTurn();
      return gone ? null : (blobs.get(id) ?? null);
    };
  const contents: MergeContents = {
    base: find("base", without.base),
    remote: find("remote", without.remote),
    local: async (file) => (await find("local")(file.oid)) ?? new Uint8Array(),
    remoteBlobs: async (ids) => {
      const known = [...ids].flatMap((id) => blobs.get(id) ?? []);
      return new Map(
        without.remote
          ? []
          : known.map((bytes) => [
              hashObject("blob", bytes, "sha1"),
              { size: bytes.length, isBinary: bytes.includes(0) },
            ]),
      );
    },
    put: (bytes) => {
      const id = hashObject("blob", bytes, "sha1");
      blobs.set(id, bytes);
      return id;
    },
  };
  return { contents, blobs, asked };
}

async function merge(
  base: Side | null,
  local: Side | null,
  remote: (Omit<Side, "mode"> & { readonly mode?: string }) | null,
  without = {},
) {
  const { contents, blobs, asked } = contentsOf(
    [base, local, remote].flatMap((side) => (side === null ? [] : [side.text])),
    without,
  );
  const outcomes = await mergeConflicts(
    new Map([["f", versionsOf(base, local, remote)]]),
    contents,
    new AbortController().signal,
  );
  const outcome = outcomes.get("f");
  const merged = outcome?.merged ?? null;
  const text = merged === null ? null : Buffer.from(blobs.get(merged.oid) ?? []).toString();
  return { outcome, text, mode: merged?.mode, size: merged?.size, remoteSize: outcome?.remoteSize, asked };
}

const BASE = "one\n2\n3\n4\nfive\n";
const OURS = "ONE\n2\n3\n4\nfive\n";
const THEIRS = "one\n2\n3\n4\nFIVE!\n";

describe("mergeConflicts", () => {
  it("merges changes of different lines and stores the result", async () => {
    const { text, mode, size, remoteSize } = await merge({ text: BASE }, { text: OURS }, { text: THEIRS });
    expect(text).toBe("ONE\n2\n3\n4\nFIVE!\n");
    expect({ mode, size, remoteSize }).toEqual({ mode: "100644", size: text?.length, remoteSize: THEIRS.length });
  });

  it("returns no merge when both sides changed the same lines, and the size of the branch's version", async () => {
    const { outcome } = await merge({ text: BASE }, { text: OURS }, { text: "eins\n2\n3\n4\nfive\n" });
    expect(outcome).toEqual({ merged: null, remoteSize: 16, isBinary: false });
  });

  it("does not merge binaries", async () => {
    expect((await merge({ text: "a\0b" }, { text: "a\0b\nx" }, { text: "y\na\0b" })).outcome).toEqual({
      merged: null,
      remoteSize: 5,
      isBinary: true,
    });
  });

  it("merges mode and content separately", async () => {
    const local = await merge({ text: BASE }, { text: BASE, mode: "100755" }, { text: THEIRS });
    expect([local.mode, local.text]).toEqual(["100755", THEIRS]);
    const remote = await merge({ text: BASE }, { text: OURS }, { text: BASE, mode: "100755" });
    expect([remote.mode, remote.text]).toEqual(["100755", OURS]);
    const both = await merge({ text: BASE }, { text: OURS, mode: "100755" }, { text: THEIRS, mode: "100755" });
    expect(both.mode).toBe("100755");
    expect(
      (await merge({ text: BASE, mode: "100755" }, { text: OURS, mode: "100644" }, { text: THEIRS, mode: "100755" }))
        .mode,
    ).toBe("100644");
  });

  it("reads only the contents that it needs", async () => {
    expect((await merge({ text: BASE }, { text: OURS }, { text: BASE, mode: "100755" })).asked).toEqual([]);
    expect((await merge({ text: BASE }, { text: OURS, mode: "100755" }, { text: OURS })).asked).toEqual([]);
    expect((await merge({ text: BASE }, { text: OURS }, { text: "the\0irs" })).asked).toEqual(["remote"]);
    expect((await merge(null, { text: OURS }, { text: THEIRS })).asked).toEqual([]);
  });

  it("reads no version of a file that is too large to merge", async () => {
    const large = "x".repeat(MAX_MERGE_BYTES + 1);
    expect(await merge({ text: BASE }, { text: OURS }, { text: large })).toMatchObject({
      outcome: { merged: null, remoteSize: large.length },
      asked: [],
    });
    expect((await merge({ text: BASE }, { text: large }, { text: THEIRS })).asked).toEqual([]);
    const mode = await merge({ text: BASE }, { text: BASE, mode: "100755" }, { text: large });
    expect(mode).toMatchObject({ outcome: { merged: null, remoteSize: large.length }, asked: [] });
  });

  it("treats obsolete modes as their current equivalents", async () => {
    const { mode, text } = await merge({ text: BASE }, { text: OURS }, { text: THEIRS, mode: "100664" });
    expect([mode, text]).toEqual(["100644", "ONE\n2\n3\n4\nFIVE!\n"]);
  });

  it("never merges links, with each other or with files", async () => {
    const link = { text: "target", mode: "120000" } as const;
    for (const [base, local, remote] of [
      [link, { ...link, text: "ours" }, { ...link, text: "theirs" }],
      [{ text: "target" }, link, { text: "theirs" }],
      [{ text: "target" }, { text: "ours" }, link],
      [link, { ...link, text: "ours" }, { text: "target" }],
      [link, { text: "target" }, { ...link, text: "theirs" }],
    ] as const) {
      expect((await merge(base, local, remote)).outcome?.merged).toBeNull();
    }
  });

  it("returns no merge without a base, or without its bytes", async () => {
    expect((await merge(null, { text: OURS }, { text: THEIRS })).outcome).toEqual({
      merged: null,
      remoteSize: THEIRS.length,
      isBinary: false,
    });
    expect((await merge({ text: BASE }, { text: OURS }, { text: THEIRS }, { base: true })).outcome).toEqual({
      merged: null,
      remoteSize: THEIRS.length,
      isBinary: false,
    });
    expect((await merge({ text: BASE }, { text: OURS }, { text: THEIRS }, { remote: true })).outcome).toEqual({
      merged: null,
      remoteSize: null,
      isBinary: false,
    });
    expect((await merge({ text: BASE }, null, { text: THEIRS })).outcome?.merged).toBeNull();
    expect((await merge({ text: BASE }, { text: OURS }, null)).outcome?.merged).toBeNull();
  });

  it("merges four files concurrently, and throws the reason of an abort", async () => {
    const { contents } = contentsOf([BASE, OURS, THEIRS]);
    let [running, most, begun] = [0, 0, 0];
    const controller = new AbortController();
    const reason = new Error("The user has left.");
    const counted: MergeContents = {
      ...contents,
      remote: async (id) => {
        begun += 1;
        if (begun === 20) controller.abort(reason);
        most = Math.max(most, ++running);
        await nextTurn();
        running -= 1;
        return contents.remote(id);
      },
    };
    const sides = versionsOf({ text: BASE }, { text: OURS }, { text: THEIRS });
    const candidates = new Map(Array.from({ length: 60 }, (_, index) => [`f${index}`, sides]));
    await expect(mergeConflicts(candidates, counted, controller.signal)).rejects.toBe(reason);
    expect(most).toBe(4);
    expect(begun).toBeLessThan(60);
  });

  it("throws the error of a content's source", async () => {
    const { contents } = contentsOf([BASE, OURS, THEIRS]);
    const outage = new Error("outage");
    const sides = new Map([["f", versionsOf({ text: BASE }, { text: OURS }, { text: THEIRS })]]);
    await expect(
      mergeConflicts(sides, { ...contents, base: () => Promise.reject(outage) }, new AbortController().signal),
    ).rejects.toBe(outage);
  });
});

import { describe, expect, it } from "vitest";
import type { ResolutionDecision, StoredResolution } from "../../../src/domain/stored-resolution.js";
import { compareProject } from "../../../src/sync/plan/compare.js";
import { givenVersions, matchResolutions, withResolutions } from "../../../src/sync/plan/stored-resolutions.js";
import { oidOf, type Version } from "../project/project-tree.js";
import { planInput } from "./planned-sync.js";

const version = (top: string): Version => ({ mode: "100644", top, bottom: "" });
const [BASE, OURS, THEIRS] = [version("base"), version("ours"), version("theirs")];

function compared(base: Version | null, local: Version | null, remote: Version | null, only?: ReadonlySet<string>) {
  const [before, here, there] = [base, local, remote].map((version) => new Map(version ? [["f", version]] : []));
  return compareProject(planInput(before ?? new Map(), here ?? new Map(), there ?? new Map(), { only: only ?? null }));
}

function resolution(
  local: Version | null,
  remote: Version | null,
  decision: ResolutionDecision = { choice: "ours" },
): StoredResolution {
  const versions = { localOid: local && oidOf(local), remoteOid: remote && oidOf(remote) };
  return { id: "1", path: "f", ...versions, decision, createdAt: new Date(0) };
}

describe("matchResolutions", () => {
  it("uses a resolution for exactly its pair of versions, also where a side deleted the file", () => {
    for (const [local, remote] of [
      [OURS, THEIRS],
      [null, THEIRS],
      [OURS, null],
    ] as const) {
      const matched = matchResolutions(compared(BASE, local, remote), [resolution(local, remote)]);
      expect([[...matched.current.keys()], matched.outdated, matched.undecided]).toEqual([["f"], [], []]);
    }
  });

  it("finds a resolution outdated when either version has changed, and names its path while that is in conflict", () => {
    for (const stored of [resolution(BASE, THEIRS), resolution(OURS, BASE), resolution(null, THEIRS)]) {
      const matched = matchResolutions(compared(BASE, OURS, THEIRS), [stored]);
      expect([matched.current.size, matched.outdated, matched.undecided]).toEqual([0, [stored], ["f"]]);
    }
    const settled = matchResolutions(compared(BASE, THEIRS, THEIRS), [resolution(OURS, THEIRS)]);
    expect([settled.outdated.length, settled.undecided]).toEqual([1, []]);
    expect(matchResolutions(compared(null, null, null), [resolution(OURS, THEIRS)]).outdated).toHaveLength(1);
  });

  it("leaves out the paths that a sync does not compare", () => {
    const other = compared(BASE, OURS, THEIRS, new Set(["g"]));
    expect(matchResolutions(other, [resolution(OURS, THEIRS), resolution(BASE, BASE)])).toEqual({
      current: new Map(),
      outdated: [],
      undecided: [],
    });
  });
});

describe("withResolutions", () => {
  it("makes a choice the strategy of its path, and leaves other paths alone", () => {
    const found = compared(BASE, OURS, THEIRS);
    for (const [choice, strategy] of [
      ["ours", "ours"],
      ["theirs", "theirs"],
      ["merged", "merge"],
    ] as const) {
      const matched = matchResolutions(found, [resolution(OURS, THEIRS, { choice })]);
      const { strategyFor } = withResolutions(
        { ...found, input: { ...found.input, strategyFor: () => "fail" } },
        matched,
      ).input;
      expect([strategyFor("f"), strategyFor("g")]).toEqual([strategy, "fail"]);
    }
  });
});

describe("givenVersions", () => {
  it("gives a content the merged mode of both sides", () => {
    const decision = { content: Buffer.from("both") };
    const modeFor = (base: Version["mode"], local: Version["mode"], remote: Version["mode"]) => {
      const sides = [
        { ...BASE, mode: base },
        { ...OURS, mode: local },
        { ...THEIRS, mode: remote },
      ] as const;
      const found = compared(...sides);
      const matched = matchResolutions(found, [resolution(sides[1], sides[2], decision)]);
      return givenVersions(found, matched, () => "oid").get("f");
    };
    expect(modeFor("100644", "100644", "100644")).toEqual({ mode: "100644", oid: "oid", size: 4 });
    expect(modeFor("100644", "100644", "100755")?.mode).toBe("100755");
    expect(modeFor("100755", "100644", "100755")?.mode).toBe("100644");
    expect(modeFor("120000", "120000", "100755")?.mode).toBe("100755");
    expect(modeFor("100644", "120000", "120000")?.mode).toBe("100644");
  });
});

import { describe, expect, it } from "vitest";
import { strategyByPath } from "../../../src/sync/project/path-strategies.js";

describe("strategies by path", () => {
  const strategyFor = strategyByPath({
    strategy: "merge",
    pathStrategies: [
      { pattern: "*.lock", strategy: "theirs" },
      { pattern: "/docs/", strategy: "ours" },
      { pattern: "docs/**/*.lock", strategy: "fail" },
      { pattern: "Makefile", strategy: "ours" },
    ],
  });

  it.each([
    ["main.tf", "merge"],
    [".terraform.lock", "theirs"],
    ["deep/down/x.lock", "theirs"],
    ["docs/a.md", "ours"],
    ["docs/deep/a.md", "ours"],
    ["other/docs/a.md", "merge"],
    ["docs/x.lock", "fail"],
    ["docs/deep/x.lock", "fail"],
    ["Makefile", "ours"],
    ["makefile", "merge"],
    ["sub/Makefile", "ours"],
  ])("%s: %s", (path, strategy) => expect(strategyFor(path)).toBe(strategy));

  it("are the sync's own where there is none", () => {
    expect(strategyByPath({ strategy: "pull_request", pathStrategies: [] })("x")).toBe("pull_request");
  });
});

import { describe, expect, it } from "vitest";
import type { ProjectFile } from "../../../src/domain/project-file.js";
import { guardListing } from "../../../src/sync/project/guard-listing.js";
import { IgnoreRules } from "../../../src/sync/project/ignore-rules.js";
import type { ProjectListing } from "../../../src/sync/project/list-project.js";
import { parseSyncRequest } from "../../../src/sync/sync-request.js";

const { options } = parseSyncRequest({ project: { userId: "ada", projectId: "infra" }, repository: "ada/infra" });
const MB = 1024 * 1024;

function listing(files: Readonly<Record<string, number>>, ignored: readonly string[] = []): ProjectListing {
  const entries = Object.entries(files).map(([path, size]): [string, ProjectFile] => [
    path,
    { type: "file", path, size, versionTag: null },
  ]);
  return { files: new Map(entries), ignored, rules: new IgnoreRules(), ignoreFiles: new Map() };
}

const thrownBy = (action: () => void): unknown => {
  try {
    action();
  } catch (error) {
    return error;
  }
  return null;
};

describe("guardListing", () => {
  it("rejects a listing without files unless the sync may delete all files", () => {
    const error = thrownBy(() => guardListing(listing({}, [".env", "dist/"]), "", options));
    expect(error).toMatchObject({ code: "project_empty" });
    expect(String(error)).toContain(
      "The project has no files (2 entries are ignored). To delete all its files from the repository, set `allowEmptyProject`.",
    );
    expect(thrownBy(() => guardListing(listing({}), "", { ...options, allowMassDeletion: true }))).toMatchObject({
      code: "project_empty",
    });
    expect(thrownBy(() => guardListing(listing({}), "", { ...options, allowEmptyProject: true }))).toBeNull();
    expect(thrownBy(() => guardListing(listing({}), "", { ...options, filePaths: ["gone.tf"] }))).toBeNull();
  });

  it("names files over GitHub's limit with their sizes", () => {
    const error = thrownBy(() =>
      guardListing(listing({ "ok.bin": 100 * MB, "a.bin": 100 * MB + 1, "b.bin": 250 * MB }), "", options),
    );
    expect(error).toMatchObject({ code: "file_too_large", details: { count: 2 } });
    expect(String(error)).toContain("Remove these files or ignore them: a.bin (100.0 MB), b.bin (250.0 MB).");
  });

  it("names the pairs of paths that differ only in case or Unicode form", () => {
    const error = thrownBy(() =>
      guardListing(listing({ "Main.tf": 1, "main.tf": 1, "\u00e9": 1, "e\u0301": 1, x: 1 }), "", options),
    );
    expect(error).toMatchObject({ code: "path_collision", details: { count: 2 } });
    expect(String(error)).toContain('Rename one of each: Main.tf and main.tf, "\\u00e9" and "e\\u0301".');
  });

  it("names paths that are too long below the directory", () => {
    const path = `${"d/".repeat(2000)}f.tf`;
    expect(thrownBy(() => guardListing(listing({ [path]: 1 }), "", options))).toBeNull();
    const error = thrownBy(() => guardListing(listing({ [path]: 1, "ok.tf": 1 }), "x".repeat(200), options));
    expect(error).toMatchObject({ code: "invalid_path", details: { paths: [path] } });
  });

  it("names ten paths and counts the rest", () => {
    const files = Object.fromEntries(Array.from({ length: 14 }, (_, index) => [`f${index}.bin`, 101 * MB]));
    const error = thrownBy(() => guardListing(listing(files), "", options));
    expect(String(error)).toMatch(/f9\.bin \(101\.0 MB\) and 4 more\.$/);
    expect(error).toMatchObject({ details: { count: 14 } });
  });
});

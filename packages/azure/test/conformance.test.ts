import type { AzureProjectFilesSettings } from "@infrajet/github-azure";
import { type ProjectFilesSubject, projectFilesConformance } from "@infrajet/github-testing/conformance";
import { describe, it } from "vitest";
import { BoxedFiles, FOLDER, PROJECT } from "./boxed-files.js";

async function subject(settings: Partial<AzureProjectFilesSettings>): Promise<ProjectFilesSubject> {
  const boxed = await BoxedFiles.start();
  return {
    source: boxed.files(settings),
    project: PROJECT,
    missing: { ...PROJECT, projectId: "other" },
    modes: [],
    write: (path, content) => boxed.write(path, Buffer.from(content)),
    makeDirectory: (path) => boxed.share.mkdir(`${FOLDER}/${path}`),
    removeFile: (path) => boxed.remove(path),
    removeDirectory: (path) => boxed.remove(path),
    dispose: () => boxed.close(),
  };
}

describe("azureProjectFiles", () => {
  for (const { name, run } of projectFilesConformance) it(name, () => run(() => subject({})));
});

describe("azureProjectFiles in a snapshot", () => {
  // A snapshot does not show what happens after the look began: that is what it is for.
  const live = /is not there for an empty one|changed between listing and reading|gone which went after/;
  for (const { name, run } of projectFilesConformance.filter((claim) => !live.test(claim.name))) {
    it(name, () => run(() => subject({ snapshot: true })));
  }
});

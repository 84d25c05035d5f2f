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

describe("azureProjectFiles with snapshot: true", () => {
  // A snapshot does not show changes that happen after it was taken.
  const live =
    /fails for a missing directory|when a file changed after the listing|when a file was deleted after the listing/;
  for (const { name, run } of projectFilesConformance.filter(({ name }) => !live.test(name))) {
    it(name, () => run(() => subject({ snapshot: true })));
  }
});

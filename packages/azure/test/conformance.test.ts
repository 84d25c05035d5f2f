import type { AzureProjectFilesSettings } from "@infrajet/github-azure";
import { type ProjectFilesSubject, projectFilesConformance } from "@infrajet/github-testing/conformance";
import { describe, it } from "vitest";
import { BoxedFiles, FOLDER, PROJECT } from "./boxed-files.js";

async function subject(options: Partial<AzureProjectFilesSettings>, folder: string): Promise<ProjectFilesSubject> {
  const boxed = await BoxedFiles.start();
  boxed.share.mkdir(folder);
  return {
    source: boxed.files(options),
    project: PROJECT,
    missing: { ...PROJECT, projectId: "other" },
    modes: [],
    write: (path, content) => void boxed.share.write(`${folder}/${path}`, Buffer.from(content)),
    makeDirectory: (path) => boxed.share.mkdir(`${folder}/${path}`),
    removeFile: (path) => boxed.share.remove(`${folder}/${path}`),
    removeDirectory: (path) => boxed.share.remove(`${folder}/${path}`),
    dispose: () => boxed.close(),
  };
}

const ways: Readonly<Record<string, readonly [options: Partial<AzureProjectFilesSettings>, folder: string]>> = {
  azureProjectFiles: [{}, FOLDER],
  "azureProjectFiles with files that settle": [{ settling: 60 }, FOLDER],
  "azureProjectFiles in the latest generation": [{ layout: "latest-generation" }, `${FOLDER}/42`],
};

for (const [name, [options, folder]] of Object.entries(ways)) {
  describe(name, () => {
    for (const { name: claim, run } of projectFilesConformance) it(claim, () => run(() => subject(options, folder)));
  });
}

describe("azureProjectFiles in a snapshot", () => {
  // A snapshot does not show what happens after the look began: that is what it is for.
  const live = /is not there for an empty one|changed between listing and reading|gone which went after/;
  for (const { name: claim, run } of projectFilesConformance.filter(({ name }) => !live.test(name))) {
    it(claim, () => run(() => subject({ snapshot: true }, FOLDER)));
  }
});

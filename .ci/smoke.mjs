// Uses the built packages as their users do: every entry point by its name, as an ES module and as CommonJS, and one sync
// against GitHub in a box with each. Needs `node --experimental-import-meta-resolve`, to resolve names as seen from a package.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { packages, root } from "./tasks.mjs";

// A warning, such as one about require() of an ES module, would be printed in every project that uses the packages.
process.on("warning", (warning) => assert.fail(warning));

const license = readFileSync(join(root, "LICENSE"), "utf8");
const systems = { esm: {}, cjs: {} };

for (const { directory, manifest } of packages) {
  const home = join(root, directory, "package.json");
  for (const entry of Object.keys(manifest.exports).filter((key) => key !== "./package.json")) {
    const name = manifest.name + entry.slice(1);
    const esm = await import(import.meta.resolve(name, pathToFileURL(home)));
    const cjs = createRequire(home)(name);
    assert.ok(Object.keys(esm).length > 0, `${name} exports nothing`);
    assert.deepEqual(Object.keys(cjs).sort(), Object.keys(esm).sort(), `${name}: ESM and CommonJS export the same`);
    systems.esm[name] = esm;
    systems.cjs[name] = cjs;
  }
  // What npm adds to a package by itself has to be there to be added.
  assert.equal(readFileSync(join(root, directory, "LICENSE"), "utf8"), license, `${directory}/LICENSE is the root's`);
  assert.ok(readFileSync(join(root, directory, "README.md"), "utf8").includes(manifest.name), `${directory}/README.md`);
}

errorsAreKnownAcross(systems.esm, systems.cjs);
errorsAreKnownAcross(systems.cjs, systems.esm);
for (const system of Object.values(systems)) await syncsAFolder(system);

/** An error that one copy throws is recognised by every entry point of the other that can tell. */
function errorsAreKnownAcross(thrower, catcher) {
  const { GitHubSdkError } = thrower["@infrajet/github/errors"];
  for (const [name, { isGitHubSdkError }] of Object.entries(catcher)) {
    if (isGitHubSdkError === undefined) continue;
    assert.ok(isGitHubSdkError(new GitHubSdkError("cancelled", "")), `${name} knows the other copy's errors`);
    assert.ok(!isGitHubSdkError(new Error("cancelled")), `${name} tells other errors apart`);
  }
}

/** One sync of a folder: every dependency is really loaded and called, the ESM-only ones too. */
async function syncsAFolder(system) {
  const { createGitHubSdk } = system["@infrajet/github"];
  const { folderFiles } = system["@infrajet/github/folder"];
  const { createGitHubBox } = system["@infrajet/github-testing"];
  const folder = await mkdtemp(join(tmpdir(), "infrajet-smoke-"));
  const box = await createGitHubBox();
  try {
    await writeFile(join(folder, "main.tf"), "terraform {}\n");
    box.addUser({ login: "ada" });
    const repository = await box.createRepository({ owner: "ada", name: "infra", autoInit: true });
    const { apiUrl } = await box.listen();
    const sdk = createGitHubSdk({ apiUrl, auth: box.addToken({ login: "ada" }), projectFiles: folderFiles(folder) });
    const project = { userId: "1", projectId: "infra" };
    const { status, error } = await sdk.sync.run({ project, repository: "ada/infra" });
    await sdk.close();
    assert.equal(status, "completed", JSON.stringify(error));
    assert.ok((await repository.files()).has("main.tf"), "the file is in the repository");
  } finally {
    await box.close();
    await rm(folder, { recursive: true });
  }
}

// Tests the built packages: imports every entry point by name as an ES module and as CommonJS, and runs one sync to GitHub in a
// box with each. Needs `node --experimental-import-meta-resolve` to resolve names relative to a package.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { packages, root } from "./tasks.mjs";

// A warning, such as about require() of an ES module, would appear in every project that uses the packages.
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
    assert.deepEqual(Object.keys(cjs).sort(), Object.keys(esm).sort(), `${name}: ESM and CommonJS exports differ`);
    systems.esm[name] = esm;
    systems.cjs[name] = cjs;
  }
  // npm includes these files automatically if they exist.
  assert.equal(
    readFileSync(join(root, directory, "LICENSE"), "utf8"),
    license,
    `${directory}/LICENSE differs from the root's`,
  );
  assert.ok(
    readFileSync(join(root, directory, "README.md"), "utf8").includes(manifest.name),
    `${directory}/README.md does not contain the package's name`,
  );
}

checkErrorsAcross(systems.esm, systems.cjs);
checkErrorsAcross(systems.cjs, systems.esm);
for (const system of Object.values(systems)) await syncFolder(system);

/** Checks that isGitHubSdkError of one copy recognizes errors of the other copy. */
function checkErrorsAcross(thrower, catcher) {
  const { GitHubSdkError } = thrower["@infrajet/github/errors"];
  for (const [name, { isGitHubSdkError }] of Object.entries(catcher)) {
    if (isGitHubSdkError === undefined) continue;
    assert.ok(new GitHubSdkError("cancelled", "") instanceof catcher["@infrajet/github"].GitHubSdkError);
    assert.ok(
      isGitHubSdkError(new GitHubSdkError("cancelled", "")),
      `${name} does not recognize errors of the other copy`,
    );
    assert.ok(!isGitHubSdkError(new Error("cancelled")), `${name} recognizes an unrelated error`);
  }
}

/** Syncs a folder, which loads and calls every dependency, including ESM-only ones. */
async function syncFolder(system) {
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
    assert.ok((await repository.files()).has("main.tf"), "the file is missing in the repository");
  } finally {
    await box.close();
    await rm(folder, { recursive: true });
  }
}

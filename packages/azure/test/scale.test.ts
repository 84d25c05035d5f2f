import { fork } from "node:child_process";
import { once } from "node:events";
import { createGitHubSdk } from "@infrajet/github";
import { createGitHubBox } from "@infrajet/github-testing";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { compiledProgram } from "../../../.ci/compiled-program.js";
import { BoxedFiles, FOLDER, PROJECT } from "./boxed-files.js";

// The tests start processes, which takes long on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

let azure: BoxedFiles;
beforeEach(async () => {
  azure = await BoxedFiles.start();
});
afterEach(() => azure.close());

const MB = 1024 * 1024;

/** Runs `measured-reading.ts` in a process of its own and returns its result. */
async function measure(work: "list" | "read"): Promise<{ files: number; bytes: number; extraBytes: number }> {
  const program = await compiledProgram(new URL("./measured-reading.ts", import.meta.url));
  const child = fork(program, [azure.box.connectionString, work], {
    // A small heap, so that uncollected garbage hardly counts.
    execArgv: ["--expose-gc", "--max-old-space-size=64"],
  });
  const [message] = (await Promise.race([
    once(child, "message"),
    once(child, "exit").then(([code]) => Promise.reject(new Error(`The process exited with code ${code}.`))),
  ])) as [{ files: number; bytes: number; extraBytes: number }];
  return message;
}

it("lists 10,000 files in 500 directories with one request per page and less than 50 MB of memory", async () => {
  for (let index = 0; index < 10_000; index += 1) {
    const directory = index % 500;
    azure.write(`r${directory % 20}/s${directory}/file-${index}.tf`, { size: 1 });
  }
  const { files, extraBytes } = await measure("list");
  expect(files).toBe(10_000);
  const listed = azure.box.requests.filter(({ path }) => path.startsWith(FOLDER)).map(({ path }) => path);
  expect(listed.length).toBe(1 + 20 + 500);
  expect(new Set(listed).size).toBe(listed.length);
  expect(extraBytes).toBeLessThan(50 * MB);
});

it("lists a directory of several pages again and finds a file that was renamed between two pages", async () => {
  for (let index = 0; index < 5_001; index += 1) azure.write(`large/${String(index).padStart(5, "0")}`, { size: 0 });
  const session = await azure.files().open(PROJECT);
  azure.box.resetCounters();
  // The last file is renamed to the first one after the first page was sent.
  const stop = azure.box.control.afterRequest(() => {
    stop();
    azure.remove("large/05000");
    azure.write("large/-moved", { size: 0 });
  });
  const names = new Set<string>();
  for await (const { path } of session.list("large")) names.add(path);
  expect(names.has("large/-moved")).toBe(true);
  expect(names.size).toBe(5_001);
  expect(azure.box.count("ListDirectoriesAndFiles")).toBeLessThanOrEqual(6);
  await session.close();
});

it("streams a file of 200 MB in less than 50 MB of memory", async () => {
  azure.write("large.bin", { size: 200 * MB });
  const { bytes, extraBytes } = await measure("read");
  expect(bytes).toBe(200 * MB);
  expect(extraBytes).toBeLessThan(50 * MB);
});

it("rejects a file of 200 MB with a message that names it, without reading it", async () => {
  azure.write("models/large.bin", { size: 200 * MB });
  azure.write("main.tf", "");
  const github = await createGitHubBox();
  github.addUser({ login: "ada" });
  await github.createRepository({ owner: "ada", name: "infra", autoInit: true });
  const { apiUrl } = await github.listen();
  const sdk = createGitHubSdk({ apiUrl, auth: github.addToken({ login: "ada" }), projectFiles: azure.files() });
  const sync = await sdk.sync.run({ project: PROJECT, repository: "ada/infra" });
  expect(sync).toMatchObject({
    status: "failed",
    error: { code: "file_too_large", message: expect.stringContaining("models/large.bin (200.0 MB)") },
  });
  expect(azure.box.count("GetFile")).toBe(0);
  await sdk.close();
  await github.close();
});

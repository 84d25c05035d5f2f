import { createGitHubSdk, type GitHubSdk } from "@infrajet/github";
import type { SyncRecord } from "@infrajet/github/adapters";
import { isGitHubSdkError } from "@infrajet/github/errors";
import type { AzureProjectFilesSettings, ShareAccess } from "@infrajet/github-azure";
import { type BoxRepository, createGitHubBox, type GitHubBox } from "@infrajet/github-testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BoxedFiles, FOLDER, PROJECT } from "./boxed-files.js";

// A test that times out keeps running and would disturb the next ones.
vi.setConfig({ testTimeout: 120_000 });

let azure: BoxedFiles;
let github: GitHubBox;
let repository: BoxRepository;
const sdks: GitHubSdk[] = [];

beforeEach(async () => {
  azure = await BoxedFiles.start();
  github = await createGitHubBox();
  github.addUser({ login: "ada" });
  repository = await github.createRepository({ owner: "ada", name: "infra", autoInit: true });
});

afterEach(async () => {
  for (const sdk of sdks.splice(0)) await sdk.close();
  await Promise.all([azure.close(), github.close()]);
});

/** Creates an SDK on the share and returns a function that syncs the project. */
async function host(settings: Partial<AzureProjectFilesSettings> = {}, access?: ShareAccess) {
  const { apiUrl } = await github.listen();
  const auth = github.addToken({ login: "ada" });
  const sdk = createGitHubSdk({ apiUrl, auth, projectFiles: azure.files(settings, access), retryPauseMs: 1 });
  sdks.push(sdk);
  return (): Promise<SyncRecord> => sdk.sync.run({ project: PROJECT, repository: "ada/infra" });
}

/** Returns the branch's contents by path, without the initial README.md. */
async function branch(): Promise<Record<string, string>> {
  const files = [...(await repository.files())].filter(([path]) => path !== "README.md");
  return Object.fromEntries(files.map(([path, { content }]) => [path, content.toString()]));
}

function project(): Record<string, string> {
  const files = [...azure.share.files()].filter(([path]) => path.startsWith(`${FOLDER}/`));
  return Object.fromEntries(files.map(([path, { bytes }]) => [path.slice(FOLDER.length + 1), bytes.toString()]));
}

/** Returns the number of requests to Azure by operation. */
function operations(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { operation } of azure.box.requests) counts[operation] = (counts[operation] ?? 0) + 1;
  return counts;
}

describe("a sync of 1,000 files from Azure Files", () => {
  const DIRECTORIES = 1 + 10 + 20;
  // The names of the user's and the project's directory are looked up once: the run continues the session of the request.
  const LOOKUPS = 2;

  beforeEach(() => {
    for (let index = 0; index < 1_000; index += 1) {
      azure.write(`m${index % 10}/env-${index % 20}/file-${index}.tf`, `# file ${index}\n`);
    }
  });

  it("reads every file once, and later only the files that changed", async () => {
    const sync = await host();
    expect(await sync()).toMatchObject({ status: "completed", filesSynced: 1_000 });
    expect(await branch()).toEqual(project());
    expect(operations()).toEqual({ ListDirectoriesAndFiles: DIRECTORIES + LOOKUPS, GetFile: 1_000 });

    for (const index of [0, 111, 222, 333, 999]) {
      azure.write(`m${index % 10}/env-${index % 20}/file-${index}.tf`, `# file ${index}, changed\n`);
    }
    azure.box.resetCounters();
    expect(await sync()).toMatchObject({ status: "completed", filesSynced: 5 });
    expect(operations()).toEqual({ ListDirectoriesAndFiles: DIRECTORIES + LOOKUPS, GetFile: 5 });
    expect(await branch()).toEqual(project());
    expect(azure.box.mostAtOnce).toBeLessThanOrEqual(8);

    azure.box.resetCounters();
    expect(await sync()).toMatchObject({ status: "completed", filesSynced: 0 });
    expect(operations()).toEqual({ ListDirectoriesAndFiles: DIRECTORIES + LOOKUPS });
  });
});

describe("a sync from Azure Files with a concurrent writer", () => {
  const LARGE = 400_000;
  const large = (letter: string): string => letter.repeat(LARGE);

  it("reads the new content of a file that was written between listing and reading", async () => {
    azure.write("main.tf", "before");
    const sync = await host();
    const stop = azure.box.control.beforeRequest(({ operation }) => {
      if (operation !== "GetFile") return;
      stop();
      azure.write("main.tf", "after!");
    });
    expect(await sync()).toMatchObject({ status: "completed" });
    expect(await branch()).toEqual({ "main.tf": "after!" });
    azure.box.resetCounters();
    expect(await sync()).toMatchObject({ status: "completed", filesSynced: 0 });
    expect(azure.box.count("GetFile")).toBe(0);
  });

  it("fails with source_changed, without a commit, when a file is written between listing and reading every time", async () => {
    azure.write("main.tf", "0");
    const sync = await host();
    let version = 0;
    azure.box.control.beforeRequest(({ operation }) => {
      if (operation === "GetFile") azure.write("main.tf", `${++version}`);
    });
    expect(await sync()).toMatchObject({ status: "failed", error: { code: "source_changed" } });
    expect(await branch()).toEqual({});
    expect(azure.box.count("GetFile")).toBe(3);
  });

  it("reads a file again that was written during the download", async () => {
    azure.write("main.tf", large("a"));
    const sync = await host();
    let writes = 0;
    azure.box.control.duringRead((_, sent) => {
      if (sent > 0 && writes++ === 0) azure.write("main.tf", large("b"));
    }, 64 * 1024);
    expect(await sync()).toMatchObject({ status: "completed" });
    expect((await branch())["main.tf"]).toBe(large("b"));
  });

  it("fails with source_changed, without a commit, when a file is written during the download every time", async () => {
    azure.write("main.tf", large("a"));
    const sync = await host();
    let writes = 0;
    azure.box.control.duringRead((_, sent) => {
      if (sent > 0) azure.write("main.tf", large(String(writes++ % 10)));
    }, 64 * 1024);
    expect(await sync()).toMatchObject({ status: "failed", error: { code: "source_changed" } });
    expect(await branch()).toEqual({});
  });

  it("reads the old content from a snapshot, and deletes the snapshot afterwards", async () => {
    azure.write("main.tf", large("a"));
    const sync = await host({ snapshot: true });
    azure.box.control.duringRead(() => azure.write("main.tf", large("b")), 64 * 1024);
    expect(await sync()).toMatchObject({ status: "completed" });
    expect((await branch())["main.tf"]).toBe(large("a"));
    expect(operations()).toMatchObject({ SnapshotShare: 1, DeleteShare: 1 });
    expect(project()["main.tf"]).toBe(large("b"));
  });

  it("reads a file again within quietPeriodSeconds after an SMB write that did not change the etag", async () => {
    azure.write("main.tf", "before");
    azure.share.writeOpen(`${FOLDER}/main.tf`, "after!");
    const sync = await host({ quietPeriodSeconds: 60 });
    expect(await sync()).toMatchObject({ status: "completed" });
    azure.share.writeOpen(`${FOLDER}/main.tf`, "later!");
    expect(await sync()).toMatchObject({ status: "completed", filesSynced: 1 });
    expect(await branch()).toEqual({ "main.tf": "later!" });
  });

  it("reads a file again after an SMB writer closed it", async () => {
    azure.write("main.tf", "before");
    const close = azure.share.writeOpen(`${FOLDER}/main.tf`, "after!");
    const sync = await host();
    expect(await sync()).toMatchObject({ status: "completed" });
    azure.share.writeOpen(`${FOLDER}/main.tf`, "later!");
    close();
    expect(await sync()).toMatchObject({ status: "completed", filesSynced: 1 });
    expect(await branch()).toEqual({ "main.tf": "later!" });
  });
});

describe("a sync from Azure Files never deletes files from the branch", () => {
  let sync: () => Promise<SyncRecord>;
  let before: Record<string, string>;
  const files = Object.fromEntries(
    Array.from({ length: 30 }, (_, index) => [`d${index % 5}/file-${index}.tf`, `# ${index}\n`]),
  );

  async function begin(settings: Partial<AzureProjectFilesSettings> = {}, access?: ShareAccess): Promise<void> {
    for (const [path, content] of Object.entries(files)) azure.write(path, content);
    sync = await host(settings, access);
    expect(await sync()).toMatchObject({ status: "completed" });
    before = await branch();
    expect(before).toMatchObject(files);
  }

  /** Checks that the next sync, or its request, fails and leaves the branch unchanged. */
  async function failsWith(code: string): Promise<void> {
    const commits = (await repository.log()).length;
    const failure = await sync().then(
      ({ status, error }) => ({ status, code: error?.code }),
      (error: unknown) => ({ status: "failed", code: isGitHubSdkError(error) ? error.code : error }),
    );
    expect(failure).toEqual({ status: "failed", code });
    expect((await repository.log()).length).toBe(commits);
    expect(await branch()).toEqual(before);
  }

  it("when a directory disappears while the project is listed", async () => {
    await begin();
    azure.box.control.beforeRequest(({ operation, path }) => {
      if (operation === "ListDirectoriesAndFiles" && path === `${FOLDER}/d3`) azure.share.remove(path);
    });
    await failsWith("source_changed");
  });

  it("when the project's directory disappears after it was found", async () => {
    await begin();
    azure.box.control.beforeRequest(({ operation, path }) => {
      if (operation === "ListDirectoriesAndFiles" && path === FOLDER) azure.share.remove(path);
    });
    await failsWith("source_changed");
  });

  it("when the project's directory was deleted", async () => {
    await begin();
    azure.share.remove(FOLDER);
    await failsWith("project_not_found");
  });

  it("when a listing fails twice and then succeeds", async () => {
    await begin();
    const path = `${FOLDER}/d2`;
    azure.box.control.fault({ operation: "ListDirectoriesAndFiles", path, times: 2, respond: { code: "ServerBusy" } });
    azure.write("d2/new.tf", "# new\n");
    expect(await sync()).toMatchObject({ status: "completed", filesSynced: 1, filesDeleted: 0 });
    expect(await branch()).toEqual({ ...before, "d2/new.tf": "# new\n" });
  });

  it.each([
    ["503 ServerBusy", { code: "ServerBusy" }],
    ["500 OperationTimedOut", { code: "OperationTimedOut" }],
    ["a proxy's 404", { status: 404, body: "<html></html>" }],
    ["a proxy's 200", { status: 200, body: "<html></html>", headers: { "content-type": "text/html" } }],
    ["an interrupted page", { cutAfter: 300 }],
    ["a reset connection", "reset"],
  ] as const)("when every listing of a directory gets %s", async (_, respond) => {
    await begin();
    const path = `${FOLDER}/d2`;
    azure.box.control.fault({ operation: "ListDirectoriesAndFiles", path, times: 1_000, respond });
    await failsWith("source_unavailable");
  });

  it("when the second page of a directory always fails", async () => {
    azure.write(".infrajetignore", "*.txt");
    for (let index = 0; index < 5_000; index += 1) azure.write(`d0/a${index}.txt`, "");
    await begin();
    const path = `${FOLDER}/d0`;
    azure.box.control.afterRequest((request) => {
      const isFirstPage = request.path === path && request.status === 200;
      if (isFirstPage) azure.box.control.fault({ path, times: 5, respond: { code: "ServerBusy" } });
    });
    await failsWith("source_unavailable");
  });

  it("when the share was deleted", async () => {
    await begin();
    azure.box.deleteShare("infrajet");
    await failsWith("source_unavailable");
  });

  it("when the SAS has expired", async () => {
    const sas = azure.box.sas({ share: "infrajet", permissions: "rl", expiresOn: Date.now() + 3_600_000 });
    await begin({}, { accountUrl: `${azure.box.endpoint}?${sas}` });
    azure.putClockForward(3_600_001);
    await failsWith("source_unavailable");
    expect(azure.box.requests.at(-1)).toMatchObject({ status: 403, errorCode: "AuthenticationFailed" });
  });

  it("when the storage account is unreachable", async () => {
    await begin();
    await azure.box.close();
    await failsWith("source_unavailable");
  });
});

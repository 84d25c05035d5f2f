import { createGitHubSdk, type GitHubSdk } from "@infrajet/github";
import type { SyncRecord } from "@infrajet/github/adapters";
import { isGitHubSdkError } from "@infrajet/github/errors";
import type { AzureProjectFilesSettings, ShareAccess } from "@infrajet/github-azure";
import { type BoxRepository, createGitHubBox, type GitHubBox } from "@infrajet/github-testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { BoxedFiles, FOLDER, PROJECT } from "./boxed-files.js";

// A test that is given up goes on, and would disturb those after it.
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

/** What a host does: one SDK on the share. */
async function host(settings: Partial<AzureProjectFilesSettings> = {}, access?: ShareAccess) {
  const { apiUrl } = await github.listen();
  const auth = github.addToken({ login: "ada" });
  const sdk = createGitHubSdk({ apiUrl, auth, projectFiles: azure.files(settings, access), retryPauseMs: 1 });
  sdks.push(sdk);
  return (): Promise<SyncRecord> => sdk.sync.run({ project: PROJECT, repository: "ada/infra" });
}

/** The branch by path, without the file that the repository began with. */
async function branch(): Promise<Record<string, string>> {
  const files = [...(await repository.files())].filter(([path]) => path !== "README.md");
  return Object.fromEntries(files.map(([path, { content }]) => [path, content.toString()]));
}

function project(): Record<string, string> {
  const files = [...azure.share.files()].filter(([path]) => path.startsWith(`${FOLDER}/`));
  return Object.fromEntries(files.map(([path, { bytes }]) => [path.slice(FOLDER.length + 1), bytes.toString()]));
}

/** The operations that Azure was asked for, and how often. */
function operations(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { operation } of azure.box.requests) counts[operation] = (counts[operation] ?? 0) + 1;
  return counts;
}

describe("a project of 1,000 files in nested directories", () => {
  const DIRECTORIES = 1 + 10 + 20;
  // How the directories of user and project are spelled, when the sync is asked for and when it runs.
  const SPELLINGS = 2 * 2;

  beforeEach(() => {
    for (let index = 0; index < 1_000; index += 1) {
      azure.write(`m${index % 10}/env-${index % 20}/file-${index}.tf`, `# file ${index}\n`);
    }
  });

  test("is read once; then what changed is, and nothing else", async () => {
    const sync = await host();
    expect(await sync()).toMatchObject({ status: "completed", filesSynced: 1_000 });
    expect(await branch()).toEqual(project());
    expect(operations()).toEqual({ ListDirectoriesAndFiles: DIRECTORIES + SPELLINGS, GetFile: 1_000 });

    for (const index of [0, 111, 222, 333, 999]) {
      azure.write(`m${index % 10}/env-${index % 20}/file-${index}.tf`, `# file ${index}, changed\n`);
    }
    azure.box.resetCounters();
    expect(await sync()).toMatchObject({ status: "completed", filesSynced: 5 });
    expect(operations()).toEqual({ ListDirectoriesAndFiles: DIRECTORIES + SPELLINGS, GetFile: 5 });
    expect(await branch()).toEqual(project());
    expect(azure.box.mostAtOnce).toBeLessThanOrEqual(8);

    azure.box.resetCounters();
    expect(await sync()).toMatchObject({ status: "completed", filesSynced: 0 });
    expect(operations()).toEqual({ ListDirectoriesAndFiles: DIRECTORIES + SPELLINGS });
  });
});

describe("a file that is written to", () => {
  const LARGE = 400_000;
  const large = (letter: string): string => letter.repeat(LARGE);

  test("between listing and reading is read as it is then", async () => {
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

  test("between listing and reading every time ends the sync, with nothing written", async () => {
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

  test("while it is read is read again, and never half old, half new", async () => {
    azure.write("main.tf", large("a"));
    const sync = await host();
    let writes = 0;
    azure.box.control.duringRead((_, sent) => {
      if (sent > 0 && writes++ === 0) azure.write("main.tf", large("b"));
    }, 64 * 1024);
    expect(await sync()).toMatchObject({ status: "completed" });
    expect((await branch())["main.tf"]).toBe(large("b"));
  });

  test("while it is read every time ends the sync, with nothing written", async () => {
    azure.write("main.tf", large("a"));
    const sync = await host();
    let writes = 0;
    azure.box.control.duringRead((_, sent) => {
      if (sent > 0) azure.write("main.tf", large(String(writes++ % 10)));
    }, 64 * 1024);
    expect(await sync()).toMatchObject({ status: "failed", error: { code: "source_changed" } });
    expect(await branch()).toEqual({});
  });

  test("while it is read does no harm to a look into a snapshot, which is gone afterwards", async () => {
    azure.write("main.tf", large("a"));
    const sync = await host({ snapshot: true });
    azure.box.control.duringRead(() => azure.write("main.tf", large("b")), 64 * 1024);
    expect(await sync()).toMatchObject({ status: "completed" });
    expect((await branch())["main.tf"]).toBe(large("a"));
    expect(operations()).toMatchObject({ SnapshotShare: 1, DeleteShare: 1 });
    expect(project()["main.tf"]).toBe(large("b"));
  });

  test("over SMB and settles is read again at the next sync, though its etag is the same", async () => {
    azure.write("main.tf", "before");
    azure.share.writeOpen(`${FOLDER}/main.tf`, "after!");
    const sync = await host({ settling: 60 });
    expect(await sync()).toMatchObject({ status: "completed" });
    azure.share.writeOpen(`${FOLDER}/main.tf`, "later!");
    expect(await sync()).toMatchObject({ status: "completed", filesSynced: 1 });
    expect(await branch()).toEqual({ "main.tf": "later!" });
  });

  test("over SMB is read again when it was closed", async () => {
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

describe("what is no deletion", () => {
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

  /** The next sync fails, whether it begins or not, and leaves the branch as it is. */
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

  test("a directory that disappears while the project is listed", async () => {
    await begin();
    azure.box.control.beforeRequest(({ operation, path }) => {
      if (operation === "ListDirectoriesAndFiles" && path === `${FOLDER}/d3`) azure.share.remove(path);
    });
    await failsWith("source_changed");
  });

  test("the project's directory that disappears after it was found", async () => {
    await begin();
    azure.box.control.beforeRequest(({ operation, path }) => {
      if (operation === "ListDirectoriesAndFiles" && path === FOLDER) azure.share.remove(path);
    });
    await failsWith("source_changed");
  });

  test("a project that is gone", async () => {
    await begin();
    azure.share.remove(FOLDER);
    await failsWith("project_not_found");
  });

  test("a page that fails once, which is asked for again", async () => {
    await begin();
    const path = `${FOLDER}/d2`;
    azure.box.control.fault({ operation: "ListDirectoriesAndFiles", path, times: 2, respond: { code: "ServerBusy" } });
    azure.write("d2/new.tf", "# new\n");
    expect(await sync()).toMatchObject({ status: "completed", filesSynced: 1, filesDeleted: 0 });
    expect(await branch()).toEqual({ ...before, "d2/new.tf": "# new\n" });
  });

  test.each([
    ["503 ServerBusy", { code: "ServerBusy" }],
    ["500 OperationTimedOut", { code: "OperationTimedOut" }],
    ["a proxy's 404", { status: 404, body: "<html></html>" }],
    ["a proxy's 200", { status: 200, body: "<html></html>", headers: { "content-type": "text/html" } }],
    ["a connection that is cut within the page", { cutAfter: 300 }],
    ["a connection that is reset", "reset"],
  ] as const)("a directory that is answered with %s for as long as one asks", async (_, respond) => {
    await begin();
    const path = `${FOLDER}/d2`;
    azure.box.control.fault({ operation: "ListDirectoriesAndFiles", path, times: 1_000, respond });
    await failsWith("source_unavailable");
  });

  test("the second page of a directory that fails for good", async () => {
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

  test("a share that is gone", async () => {
    await begin();
    azure.box.deleteShare("infrajet");
    await failsWith("source_unavailable");
  });

  test("a signature that has expired", async () => {
    const sas = azure.box.sas({ share: "infrajet", permissions: "rl", expiresOn: Date.now() + 3_600_000 });
    await begin({}, { accountUrl: `${azure.box.endpoint}?${sas}` });
    azure.putClockForward(3_600_001);
    await failsWith("source_unavailable");
    expect(azure.box.requests.at(-1)).toMatchObject({ status: 403, errorCode: "AuthenticationFailed" });
  });

  test("an account that cannot be reached", async () => {
    await begin();
    await azure.box.close();
    await failsWith("source_unavailable");
  });
});

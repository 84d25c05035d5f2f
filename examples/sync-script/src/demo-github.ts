import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { createGitHubSdk, type GitHubSdk, type SyncProgress, type SyncRequest, silentLogger } from "@infrajet/github";
import { folderFiles } from "@infrajet/github/folder";
import { type BoxRepository, createGitHubBox, type GitHubBox, type GitHubBoxServer } from "@infrajet/github-testing";
import { type CountedProjectFiles, countReads } from "./project-file-counter.js";
import { makeSampleProject } from "./sample-project.js";

/** The environment of the demonstration: a GitHub with one repository, a project folder, and the SDK. */
export interface DemoGitHub {
  readonly box: GitHubBox;
  readonly server: GitHubBoxServer;
  readonly repository: BoxRepository;
  readonly sdk: GitHubSdk;
  readonly files: CountedProjectFiles;
  /** The folder of the project. */
  readonly project: string;
  /** A folder for the clone. It does not exist yet. */
  readonly clone: string;
  /** The request of every sync. */
  readonly request: SyncRequest;
  /** Replaces a text in a file of the project. @throws Error when the file does not contain it */
  edit(path: string, before: string, after: string): Promise<void>;
  /** Closes everything and removes the files. */
  close(): Promise<void>;
}

/** Starts a GitHub in a box as an HTTP server and creates a project and an SDK for it. */
export async function openDemoGitHub(onProgress: (progress: SyncProgress) => void): Promise<DemoGitHub> {
  const folder = await mkdtemp(join(tmpdir(), "infrajet-demo-"));
  const box = await createGitHubBox();
  const server = await box.listen();
  const repository = await box.createRepository({ owner: "acme", name: "network", autoInit: true });
  const project = join(folder, "network");
  await mkdir(project);
  await makeSampleProject(project);
  const files = countReads(folderFiles(project));
  const sdk = createGitHubSdk({
    projectFiles: files,
    auth: box.addToken({ login: "acme" }),
    apiUrl: server.apiUrl,
    logger: silentLogger,
  });
  sdk.on("sync.progress", onProgress);
  return {
    box,
    server,
    repository,
    sdk,
    files,
    project,
    clone: join(folder, "clone"),
    request: { project: { userId: "alice", projectId: "network" }, repository: repository.fullName },
    edit: async (path, before, after) => {
      const text = await readFile(join(project, path), "utf8");
      if (!text.includes(before)) throw new Error(`${path} does not contain ${before}`);
      await writeFile(join(project, path), text.replace(before, after));
      // The next sync reads a file again that was written at the same moment as the last listing.
      await setTimeout(50);
    },
    close: async () => {
      await sdk.close();
      await box.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { createGitHubSdk, type GitHubSdk, type SyncProgress, type SyncRequest, silentLogger } from "@infrajet/github";
import { folderFiles } from "@infrajet/github/folder";
import { type BoxRepository, createGitHubBox, type GitHubBox, type GitHubBoxServer } from "@infrajet/github-testing";
import { type CountedProjectFiles, countReads } from "./project-file-counter.js";
import { makeSampleProject } from "./sample-project.js";

/** What the demonstration plays in: a GitHub with one repository, a project's folder, and the SDK between them. */
export interface DemoGitHub {
  readonly box: GitHubBox;
  readonly server: GitHubBoxServer;
  readonly repository: BoxRepository;
  readonly sdk: GitHubSdk;
  readonly files: CountedProjectFiles;
  /** The project's folder. */
  readonly project: string;
  /** A folder for the clone, not there yet. */
  readonly clone: string;
  /** What every sync of the demonstration asks for. */
  readonly request: SyncRequest;
  /** Replaces a text in one of the project's files. @throws Error when it is not there */
  edit(path: string, before: string, after: string): Promise<void>;
  /** Ends everything and removes what was made. */
  close(): Promise<void>;
}

/** Starts a GitHub in a box as a real HTTP server, makes a project, and points the SDK at both. */
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
      if (!text.includes(before)) throw new Error(`${path} does not hold ${before}`);
      await writeFile(join(project, path), text.replace(before, after));
      // A file that was written this very moment is read again next time; people are slower than that.
      await setTimeout(50);
    },
    close: async () => {
      await sdk.close();
      await box.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

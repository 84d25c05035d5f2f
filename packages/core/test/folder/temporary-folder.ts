import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import type { ProjectEntry, ProjectFile, ProjectFiles, ProjectFilesSession } from "../../src/adapters/index.js";

/** Creates an empty folder, removed after the test, and returns its real path. */
export async function temporaryFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "folder-test-")));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes files below a folder and creates their directories. */
export async function writeFiles(folder: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

/** Opens a session that is closed after the test. */
export async function openSession(
  source: ProjectFiles,
  userId = "7",
  projectId = "network",
): Promise<ProjectFilesSession> {
  const session = await source.open({ userId, projectId });
  onTestFinished(() => session.close());
  return session;
}

export async function listAll(session: ProjectFilesSession, directory = ""): Promise<ProjectEntry[]> {
  const entries: ProjectEntry[] = [];
  for await (const entry of session.list(directory)) entries.push(entry);
  return entries.sort((a, b) => (a.path < b.path ? -1 : 1));
}

export async function findFile(session: ProjectFilesSession, path: string): Promise<ProjectFile> {
  const directory = path.includes("/") ? dirname(path) : "";
  const entry = (await listAll(session, directory)).find((candidate) => candidate.path === path);
  if (entry?.type !== "file") throw new Error(`${path} is not listed as a file`);
  return entry;
}

export async function readText(session: ProjectFilesSession, file: ProjectFile): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of (await session.read(file)).bytes) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

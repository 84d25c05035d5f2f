import assert from "node:assert/strict";
import type {
  ProjectEntry,
  ProjectFile,
  ProjectFiles,
  ProjectFilesSession,
  ProjectKey,
} from "@infrajet/github/adapters";
import { present } from "./conformance-case.js";

interface ProjectInSource {
  readonly source: ProjectFiles;
  readonly project: ProjectKey;
}

/** Runs a function with a session and closes the session. */
export async function withSession(
  { source, project }: ProjectInSource,
  use: (session: ProjectFilesSession) => Promise<void>,
): Promise<void> {
  const session = await source.open(project);
  try {
    await use(session);
  } finally {
    await session.close();
  }
}

/** Lists a directory. */
export async function listed(
  session: ProjectFilesSession,
  directory: string,
  signal?: AbortSignal,
): Promise<ProjectEntry[]> {
  const entries: ProjectEntry[] = [];
  for await (const entry of session.list(directory, signal === undefined ? {} : { signal })) entries.push(entry);
  return entries;
}

/** Lists a directory as sorted lines, such as `dir/` and `file a.tf 4`. */
export async function summary(session: ProjectFilesSession, directory: string): Promise<string[]> {
  const entries = await listed(session, directory);
  return entries
    .map((entry) => (entry.type === "directory" ? `${entry.path}/` : `file ${entry.path} ${entry.size}`))
    .sort();
}

/** Finds a file in the listing of its directory. */
export async function find(session: ProjectFilesSession, path: string): Promise<ProjectFile> {
  const entries = await listed(session, path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "");
  const entry = present(entries.find((candidate) => candidate.path === path));
  assert.ok(entry.type === "file", `${path} is listed as a directory`);
  return entry;
}

/** Reads a file. */
export async function read(
  session: ProjectFilesSession,
  file: ProjectFile,
): Promise<{ readonly versionTag: string | null; readonly content: Uint8Array; readonly chunks: number }> {
  const { versionTag, bytes } = await session.read(file);
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return { versionTag, content: new Uint8Array(Buffer.concat(chunks)), chunks: chunks.length };
}

/** Encodes a text as UTF-8. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

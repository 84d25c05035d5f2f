import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runGit } from "./git.js";
import type { Target } from "./target.js";

/** Creates a private repository of the check. Returns `owner/name`. */
export async function createRepository(
  target: Target,
  suffix: "empty" | "pushed" | null,
  autoInit: boolean,
): Promise<string> {
  const { owner, login } = target.service;
  const name = suffix === null ? target.repository : `${target.repository}-${suffix}`;
  const path = owner === login ? "/user/repos" : `/orgs/${owner}/repos`;
  const body = { name, private: true, auto_init: autoInit, description: "Created by live-check. Safe to delete." };
  target.created.add(`${owner}/${name}`);
  await target.must(`create the repository ${suffix ?? "of the check"}`, "POST", path, body);
  return `${owner}/${name}`;
}

/** Runs a function with a new bare clone, and removes the clone. */
export async function withClone(
  target: Target,
  repository: string,
  use: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "infrajet-live-check-"));
  const { serverUrl, token } = target.service;
  try {
    const url = `${serverUrl}/${repository}.git`;
    const settings = { folder, serverUrl, token, signal: AbortSignal.timeout(120_000) };
    const { code, complaints } = await runGit(["clone", "--bare", "--quiet", url, "."], settings);
    if (code !== 0) throw new Error(`git clone failed: ${complaints}`);
    await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

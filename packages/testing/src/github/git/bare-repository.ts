import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** No waiting for a disk or for deltas in a temporary folder; git's own checks on what is pushed; whatever GitHub serves, served. */
const CONFIG = `[core]
	repositoryformatversion = 0
	filemode = true
	bare = true
	fsync = none
	logAllRefUpdates = false
[gc]
	auto = 0
[receive]
	fsckObjects = true
	autogc = false
[http]
	receivepack = true
[pack]
	window = 0
[uploadpack]
	allowFilter = true
	allowAnySHA1InWant = true
`;

/** Lays out an empty bare repository (gitrepository-layout(5)) without starting git. */
export function initBareRepository(gitDir: string, defaultBranch: string): void {
  mkdirSync(join(gitDir, "objects", "pack"), { recursive: true });
  mkdirSync(join(gitDir, "objects", "info"));
  mkdirSync(join(gitDir, "refs", "heads"), { recursive: true });
  mkdirSync(join(gitDir, "refs", "tags"));
  writeFileSync(join(gitDir, "config"), CONFIG);
  pointHeadAt(gitDir, defaultBranch);
}

/** Makes `branch` the one that HEAD names. */
export function pointHeadAt(gitDir: string, branch: string): void {
  writeFileSync(join(gitDir, "HEAD"), `ref: refs/heads/${branch}\n`);
}

/** Points a branch of a repository that nobody knows yet at a commit: there is no one to race with. */
export function writeBranch(gitDir: string, branch: string, oid: string): void {
  const path = join(gitDir, "refs", "heads", branch);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${oid}\n`);
}

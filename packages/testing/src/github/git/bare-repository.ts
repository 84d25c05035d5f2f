import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Skips fsync and deltas because the folder is temporary, checks pushed objects, and serves the same requests as GitHub. */
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

/** Creates an empty bare repository (gitrepository-layout(5)) without starting git. */
export function initBareRepository(gitDir: string, defaultBranch: string): void {
  mkdirSync(join(gitDir, "objects", "pack"), { recursive: true });
  mkdirSync(join(gitDir, "objects", "info"));
  mkdirSync(join(gitDir, "refs", "heads"), { recursive: true });
  mkdirSync(join(gitDir, "refs", "tags"));
  writeFileSync(join(gitDir, "config"), CONFIG);
  pointHeadAt(gitDir, defaultBranch);
}

/** Points HEAD at a branch. */
export function pointHeadAt(gitDir: string, branch: string): void {
  writeFileSync(join(gitDir, "HEAD"), `ref: refs/heads/${branch}\n`);
}

/** Points a branch at a commit, without a lock. Only for a new repository, which has no other writers. */
export function writeBranch(gitDir: string, branch: string, oid: string): void {
  const path = join(gitDir, "refs", "heads", branch);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${oid}\n`);
}

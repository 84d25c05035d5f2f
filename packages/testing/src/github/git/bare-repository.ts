import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** No waiting for a disk in a temporary folder; git's own checks on what is pushed; whatever GitHub serves, served. */
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
[uploadpack]
	allowFilter = true
	allowAnySHA1InWant = true
`;

/** Lays out an empty bare repository (gitrepository-layout(5)) without starting git. */
export function layOutBareRepository(gitDir: string, defaultBranch: string): void {
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

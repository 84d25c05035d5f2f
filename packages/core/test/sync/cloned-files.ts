import { execFile } from "node:child_process";
import { promisify } from "node:util";

// The server may be in this very process: waiting for git must not keep it from answering.
async function git(...args: string[]): Promise<Buffer> {
  return (await promisify(execFile)("git", args, { encoding: "buffer", maxBuffer: 1 << 28 })).stdout;
}

/** Clones a repository over HTTP with git, and lets git verify it. */
export async function cloneBare(serverUrl: string, fullName: string, token: string, to: string): Promise<void> {
  const url = new URL(`${serverUrl}/${fullName}.git`);
  url.username = "x-access-token";
  url.password = token;
  await git("clone", "--quiet", "--bare", url.href, to);
  await git("-C", to, "fsck", "--strict", "--no-dangling");
}

/** Returns the files of a branch of a clone: mode and base64 content by path. */
export async function clonedFiles(clone: string, branch: string): Promise<Map<string, string>> {
  const listed = (await git("-C", clone, "ls-tree", "-r", "-z", branch)).toString().split("\0").slice(0, -1);
  const files = new Map<string, string>();
  for (const line of listed) {
    const [, mode = "", oid = "", path = ""] = /^(\d+) blob (\w+)\t(.*)$/s.exec(line) ?? [];
    files.set(path, `${mode} ${(await git("-C", clone, "cat-file", "blob", oid)).toString("base64")}`);
  }
  return files;
}

/** Counts the commits of a branch of a clone. */
export async function clonedCommits(clone: string, branch: string): Promise<number> {
  return Number(await git("-C", clone, "rev-list", "--count", branch));
}

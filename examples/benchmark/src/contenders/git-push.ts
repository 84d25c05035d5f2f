import { execFile } from "node:child_process";
import { cp, mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Contender } from "../contender.js";

const execute = promisify(execFile);

/** Returns the contender that uses git: a shallow clone, a copy of the project, a commit and a push. */
export function gitPushContender(): Contender {
  return {
    async prepare() {},
    async sync({ serverUrl, token, owner, repo, project, scratch }) {
      const clone = join(await mkdtemp(join(scratch, "clone-")), repo);
      const { protocol, host } = new URL(serverUrl);
      await git([
        "clone",
        "--quiet",
        "--depth",
        "1",
        `${protocol}//x-access-token:${token}@${host}/${owner}/${repo}.git`,
        clone,
      ]);
      await cp(project, clone, { recursive: true });
      await git(["-C", clone, "add", "--all"]);
      const { stdout } = await git(["-C", clone, "status", "--porcelain"]);
      if (stdout === "") return { filesRead: null };
      await git(["-C", clone, "commit", "--quiet", "--message", "Update"]);
      await git(["-C", clone, "push", "--quiet"]);
      return { filesRead: null };
    },
    async close() {},
  };
}

function git(args: readonly string[]) {
  const identity = ["-c", "user.name=Benchmark", "-c", "user.email=benchmark@example.com"];
  const env = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1", GIT_TERMINAL_PROMPT: "0" };
  return execute("git", [...identity, ...args], { env, maxBuffer: 64 * 1024 * 1024 });
}

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Octokit } from "octokit";
import type { Contender } from "../contender.js";

const AT_ONCE = 10;

/** Returns the contender that uses the Git Data API: a blob per file, ten at a time and without octokit's default throttling, then one tree, commit and ref. */
export function octokitBlobsContender(): Contender {
  return {
    async prepare() {},
    async sync({ apiUrl, token, owner, repo, project }, changed) {
      const octokit = new Octokit({ auth: token, baseUrl: apiUrl, throttle: { enabled: false } });
      const repository = { owner, repo };
      const { data: ref } = await octokit.rest.git.getRef({ ...repository, ref: "heads/main" });
      const { data: head } = await octokit.rest.git.getCommit({ ...repository, commit_sha: ref.object.sha });
      const waiting = [...changed];
      const tree: { path: string; mode: "100644"; type: "blob"; sha: string }[] = [];
      const work = async (): Promise<void> => {
        for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
          const content = (await readFile(join(project, path))).toString("base64");
          const { data } = await octokit.rest.git.createBlob({ ...repository, content, encoding: "base64" });
          tree.push({ path, mode: "100644", type: "blob", sha: data.sha });
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
      const { data: root } = await octokit.rest.git.createTree({ ...repository, tree, base_tree: head.tree.sha });
      const commit = { ...repository, message: "Update", tree: root.sha, parents: [head.sha] };
      const { data: created } = await octokit.rest.git.createCommit(commit);
      await octokit.rest.git.updateRef({ ...repository, ref: "heads/main", sha: created.sha });
      return { filesRead: changed.length };
    },
    async close() {},
  };
}

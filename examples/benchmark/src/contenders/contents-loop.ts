import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Octokit } from "octokit";
import type { Contender } from "../contender.js";

/** Returns the contender that most integrations implement: it gets the id of each file and puts the file, with one commit per file. */
export function contentsLoopContender(): Contender {
  return {
    async prepare() {},
    async sync({ apiUrl, token, owner, repo, project }, changed) {
      const octokit = new Octokit({ auth: token, baseUrl: apiUrl, throttle: { enabled: false } });
      for (const path of changed) {
        const file = { owner, repo, path };
        const present = await octokit.rest.repos.getContent(file).catch(() => null);
        const known = present !== null && "sha" in present.data ? { sha: present.data.sha } : {};
        const content = (await readFile(join(project, path))).toString("base64");
        await octokit.rest.repos.createOrUpdateFileContents({ ...file, ...known, message: `Update ${path}`, content });
      }
      return { filesRead: changed.length };
    },
    async close() {},
  };
}

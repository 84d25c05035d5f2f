import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Octokit } from "octokit";
import type { Contender } from "../contender.js";

/** What most integrations do: for each file ask for its id, then put it. A commit for every file. */
export function contentsLoopContender(): Contender {
  return {
    async prepare() {},
    async sync({ apiUrl, token, owner, repo, project }, changed) {
      const octokit = new Octokit({ auth: token, baseUrl: apiUrl, throttle: { enabled: false } });
      for (const path of changed) {
        const place = { owner, repo, path };
        const present = await octokit.rest.repos.getContent(place).catch(() => null);
        const known = present !== null && "sha" in present.data ? { sha: present.data.sha } : {};
        const content = (await readFile(join(project, path))).toString("base64");
        await octokit.rest.repos.createOrUpdateFileContents({ ...place, ...known, message: `Update ${path}`, content });
      }
      return { filesRead: changed.length };
    },
    async close() {},
  };
}

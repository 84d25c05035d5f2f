import { createRepository, withClone } from "../repositories.js";
import type { Step } from "../step.js";
import { syncProject } from "../sync-project.js";

const BRANCHES = `query ($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) {
    isEmpty defaultBranchRef { name } ref(qualifiedName: "refs/heads/main") { target { oid } }
  }
}`;

/** Reads and writes a repository without commits, with each API, a first sync by `git-data`, and a first push. */
export const emptyRepository: Step = {
  number: 1,
  title: "empty repository",
  run: async (target) => {
    const empty = await createRepository(target, "empty", false);
    const at = `/repos/${empty}`;
    await target.rest("ref", "GET", `${at}/git/ref/heads/main`);
    await target.rest("all refs of a prefix", "GET", `${at}/git/matching-refs/heads/`);
    await target.rest("create a blob", "POST", `${at}/git/blobs`, { content: "text", encoding: "utf-8" });
    const entry = { path: "a.txt", mode: "100644", type: "blob", content: "text" };
    await target.rest("create a tree", "POST", `${at}/git/trees`, { tree: [entry] });
    await target.rest("tree", "GET", `${at}/git/trees/main?recursive=1`);
    await target.rest("contents", "GET", `${at}/contents/`);
    await target.rest("commits", "GET", `${at}/commits`);
    await target.rest("branches", "GET", `${at}/branches`);
    const [owner = "", name = ""] = empty.split("/");
    await target.graphql("branch query", BRANCHES, { owner, name });
    await syncProject(target, "first sync", { repository: empty, writer: "git-data", files: { "main.tf": "# one\n" } });
    const pushed = await createRepository(target, "pushed", false);
    await syncProject(target, "first sync by push", {
      repository: pushed,
      writer: "push",
      files: { "main.tf": "# one\n" },
    });
    await withClone(target, pushed, async (folder) => {
      await target.git("check the pushed repository", ["fsck", "--strict"], folder);
    });
  },
};

import { z } from "zod";
import type { Json } from "../exchange.js";
import type { Step } from "../step.js";
import type { Target } from "../target.js";

const treeOf = z.object({ tree: z.object({ sha: z.string() }) });

/** Creates trees from unusual entries. */
export const treeEdges: Step = {
  number: 4,
  title: "edges of trees",
  run: async (target) => {
    const head = await target.head("main");
    const blob = await target.blob("blob", "text");
    const file = (path: string): Json => ({ path, mode: "100644", type: "blob", sha: blob });
    const folder = await target.tree("tree with directories", [
      file("dir/a.txt"),
      file("dir/sub/b.txt"),
      file("file.txt"),
    ]);
    const make = (label: string, entries: readonly Json[], base: string | null = folder) =>
      target.rest(label, "POST", `${target.at}/git/trees`, {
        tree: entries,
        ...(base === null ? {} : { base_tree: base }),
      });
    const removed = await make("delete a directory", [{ path: "dir", mode: "040000", type: "tree", sha: null }]);
    target.settle("Delete a directory by one entry with sha null", `status ${removed.status}`);
    await make("delete a missing path", [{ path: "missing.txt", mode: "100644", type: "blob", sha: null }]);
    await make("delete without a base", [{ path: "a.txt", mode: "100644", type: "blob", sha: null }], null);
    const unknown = await make("a blob that does not exist", [
      { path: "x.txt", mode: "100644", type: "blob", sha: "1".repeat(40) },
    ]);
    target.settle("A tree with a blob that does not exist", `status ${unknown.status}`);
    await make("a file in place of a directory", [file("dir")]);
    await make("a directory in place of a file", [file("file.txt/inner.txt")]);
    await make("a commit as base", [file("c.txt")], head);
    await make("a base that does not exist", [file("c.txt")], "1".repeat(40));
    await make("without sha and content", [{ path: "d.txt", mode: "100644", type: "blob" }]);
    await make("an empty list", []);
    for (const path of ["/a.txt", "", "a//b.txt", "a/../b.txt", ".git/config", "a/", "./a.txt"])
      await make(`path ${JSON.stringify(path)}`, [file(path)]);
    await make("a link", [{ path: "link", mode: "120000", type: "blob", content: "dir" }]);
    await make("mode 100664", [{ path: "m.txt", mode: "100664", type: "blob", sha: blob }]);
    await throughLink(target, folder, head);
    await target.rest("trailing slash", "GET", `${target.at}/git/ref/heads/main/`);
    await target.rest("ref prefix", "GET", `${target.at}/git/ref/heads/mai`);
    await target
      .must("commit of the head", "GET", `${target.at}/git/commits/${head}`)
      .then(({ body }) => treeOf.parse(body));
  },
};

/** Reads a file through a link to a directory, and the link. */
async function throughLink(target: Target, folder: string, head: string): Promise<void> {
  const link = { path: "link", mode: "120000", type: "blob", content: "dir" };
  const tree = await target.tree("tree with a link", [link], folder);
  await target.branch("link", await target.commit("link", tree, [head]));
  await target.rest("contents of a link", "GET", `${target.at}/contents/link?ref=link`);
  await target.rest("contents through a link", "GET", `${target.at}/contents/link/a.txt?ref=link`);
  await target.rest("contents of a directory", "GET", `${target.at}/contents/dir?ref=link`);
}

import { randomBytes } from "node:crypto";
import { commitOnBranch } from "../mutations.js";
import { withClone } from "../repositories.js";
import type { Step } from "../step.js";

const MEBIBYTE = 1024 * 1024;

/** Writes as much as the APIs accept. */
export const sizes: Step = {
  number: 9,
  title: "sizes",
  skip: (_service, { sizes: isAsked }) => (isAsked ? null : "runs with --sizes"),
  run: async (target) => {
    const head = await target.head("main");
    for (const size of [1, 10, 30, 45]) {
      const branch = `size-${size}`;
      await target.branch(branch, head);
      const content = randomBytes(size * MEBIBYTE * 0.74);
      const { status } = await commitOnBranch(
        target,
        `createCommitOnBranch with ${size} MB`,
        branch,
        head,
        "big.bin",
        content,
      );
      target.settle(`createCommitOnBranch with ${size} MB`, `status ${status}`);
    }
    for (const count of [1_000, 5_000]) {
      const tree = Array.from({ length: count }, (_, index) => ({
        path: `many/${index}.txt`,
        mode: "100644",
        type: "blob",
        content: `${index}`,
      }));
      const body = { base_tree: head, tree };
      const { status } = await target.rest(`tree of ${count} entries`, "POST", `${target.at}/git/trees`, body, {
        isLarge: true,
      });
      target.settle(`A tree of ${count} entries with content`, `status ${status}`);
    }
    await withClone(target, `${target.service.owner}/${target.repository}`, async (folder) => {
      const code = await target.git("import 200 MB", ["fast-import", "--quiet"], folder, bigImport(200));
      if (code === 0) await target.git("push 200 MB", ["push", "origin", "refs/heads/size-push"], folder);
    });
  },
};

/** A stream for `git fast-import` with a branch of random files of 1 MB, which do not compress: base64 of random bytes. */
function bigImport(files: number): string {
  const head = "commit refs/heads/size-push\ncommitter live-check <live-check@example.com> 0 +0000\ndata 4\nbig\n\n";
  const entries = Array.from({ length: files }, (_, index) => {
    const content = randomBytes(0.75 * MEBIBYTE).toString("base64");
    return `M 100644 inline big/${index}.txt\ndata ${content.length}\n${content}\n`;
  });
  return `${head}${entries.join("")}\ndone\n`;
}

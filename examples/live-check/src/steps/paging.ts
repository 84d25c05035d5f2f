import { withClone } from "../repositories.js";
import type { Step } from "../step.js";

const COMMITS = 260;
const FILES = 310;

/** Reads long lists: commits, comparisons with and without `per_page`, and a commit with many files. */
export const paging: Step = {
  number: 11,
  title: "paging",
  run: async (target) => {
    const base = await target.head("main");
    await withClone(target, `${target.service.owner}/${target.repository}`, async (folder) => {
      await target.git("import commits", ["fast-import", "--quiet"], folder, manyCommits(base));
      await target.git("push commits", ["push", "origin", "refs/heads/paging", "refs/heads/wide"], folder);
    });
    const at = target.at;
    const read = (label: string, path: string) => target.rest(label, "GET", at + path, undefined, { isLarge: true });
    const lists: [label: string, path: string][] = [
      ["commits", "/commits?sha=paging"],
      ["commits, page 3 of 100", "/commits?sha=paging&per_page=100&page=3"],
      ["compare", `/compare/${base}...paging`],
      ["compare, page 1 of 100", `/compare/${base}...paging?per_page=100&page=1`],
      ["compare, page 2 of 100", `/compare/${base}...paging?per_page=100&page=2`],
      ["compare, beyond the last page", `/compare/${base}...paging?per_page=100&page=9`],
      ["commit of many files", "/commits/wide"],
      ["commit of many files, page 2", "/commits/wide?page=2"],
      ["branches of one a page", "/branches?per_page=1"],
      ["matching refs", "/git/matching-refs/heads/"],
    ];
    for (const [label, path] of lists) {
      const { status, body, headers } = await read(label, path);
      const counts = countsOf(body);
      target.record(`${label}: lengths`, { method: "GET", path, body: null }, { status, headers, body: counts });
    }
  },
};

/** Returns the lengths of the lists in a response, in the names of their values: they are compared by shape. */
function countsOf(body: unknown): Record<string, number> {
  const lists = Array.isArray(body) ? { body } : typeof body === "object" && body !== null ? body : {};
  return Object.fromEntries(
    Object.entries(lists).flatMap(([name, value]) => (Array.isArray(value) ? [[`${name} ${value.length}`, 1]] : [])),
  );
}

/** A stream for `git fast-import`: a branch with many commits, and one with a commit of many files. */
function manyCommits(base: string): string {
  const person = "committer live-check <live-check@example.com> 0 +0000";
  const commits = Array.from(
    { length: COMMITS },
    (_, index) =>
      `commit refs/heads/paging\n${person}\ndata 4\npage\n${index === 0 ? `from ${base}\n` : ""}M 100644 inline page.txt\ndata ${String(index).length}\n${index}\n`,
  );
  const files = Array.from(
    { length: FILES },
    (_, index) => `M 100644 inline wide/${index}.txt\ndata ${String(index).length}\n${index}\n`,
  );
  return `${commits.join("\n")}\ncommit refs/heads/wide\n${person}\ndata 4\nwide\nfrom ${base}\n${files.join("")}\ndone\n`;
}

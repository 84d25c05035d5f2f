import { runGit } from "./git-process.js";
import { EMPTY_TREE } from "./tree.js";

/** A difference between two trees. */
export interface FileDiff {
  path: string;
  /** The path before a rename. */
  previousPath?: string;
  status: "added" | "modified" | "removed" | "renamed" | "changed";
  /** The blob after the change; for a removed file, the blob before it. */
  oid: string;
  additions: number;
  deletions: number;
  /** The unified diff from its first hunk; absent for binary files and pure renames. */
  patch?: string;
}

const STATUS: Record<string, FileDiff["status"]> = {
  A: "added",
  D: "removed",
  M: "modified",
  R: "renamed",
  T: "changed",
};

/** Compares two trees with rename detection. Returns the differences in the order of paths. */
export async function diffTrees(gitDir: string, before: string | undefined, after: string): Promise<FileDiff[]> {
  const from = before ?? EMPTY_TREE;
  if (from === after) return [];
  const diff = (...format: string[]): Promise<Buffer> =>
    runGit(gitDir, ["diff-tree", "-r", "-M", "--no-color", "--no-ext-diff", ...format, from, after]).then(
      ({ stdout }) => stdout,
    );
  const [raw, numbers, patches] = await Promise.all([diff("-z", "--raw"), diff("-z", "--numstat"), diff("-p")]);
  const counts = parseNumstat(numbers.toString());
  const bodies = patches
    .toString()
    .split(/^diff --git .*\n/m)
    .slice(1);
  return parseRaw(raw.toString()).map((file, index) => {
    const [additions = 0, deletions = 0] = counts[index] ?? [];
    const body = bodies[index] ?? "";
    const hunk = body.startsWith("@@") ? 0 : body.indexOf("\n@@") + 1;
    const hasHunk = body.startsWith("@@", hunk);
    return { ...file, additions, deletions, ...(hasHunk ? { patch: body.slice(hunk).replace(/\n$/, "") } : {}) };
  });
}

/** Returns the files that differ between two trees, in the order of paths. A rename is one removed and one added file. */
export async function changedPaths(gitDir: string, before: string | undefined, after: string): Promise<RawFile[]> {
  const from = before ?? EMPTY_TREE;
  if (from === after) return [];
  const { stdout } = await runGit(gitDir, ["diff-tree", "-r", "--no-renames", "-z", "--raw", from, after]);
  return parseRaw(stdout.toString());
}

type RawFile = Pick<FileDiff, "path" | "previousPath" | "status" | "oid">;

/** `:mode mode oid oid status NUL path NUL [path NUL]` (git-diff-tree(1), RAW OUTPUT FORMAT). */
function parseRaw(text: string): RawFile[] {
  const fields = text.split("\0");
  const files: RawFile[] = [];
  for (let at = 0; fields[at]?.startsWith(":") === true; ) {
    const [, , beforeOid = "", afterOid = "", letters = "M"] = (fields[at] ?? "").split(" ");
    const status = STATUS[letters.charAt(0)] ?? "modified";
    const oid = status === "removed" ? beforeOid : afterOid;
    const first = fields[at + 1] ?? "";
    if (status === "renamed") {
      files.push({ path: fields[at + 2] ?? "", previousPath: first, status, oid });
      at += 3;
    } else {
      files.push({ path: first, status, oid });
      at += 2;
    }
  }
  return files;
}

/** `added TAB deleted TAB path NUL`, or `added TAB deleted TAB NUL before NUL after NUL`; `-` for binaries. */
function parseNumstat(text: string): [additions: number, deletions: number][] {
  return [...text.matchAll(/(\d+|-)\t(\d+|-)\t(?:[^\0]+\0|\0[^\0]*\0[^\0]*\0)/g)].map(([, added, deleted]) => [
    Number(added === "-" ? 0 : added),
    Number(deleted === "-" ? 0 : deleted),
  ]);
}

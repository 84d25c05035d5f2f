import { diffTrees } from "../git/diff.js";
import type { RepositoryCall } from "../http/route.js";
import { repositoryUrl } from "./repository.js";

/** A changed file of a commit or comparison. */
export interface ChangedFile extends Record<string, unknown> {
  filename: string;
  additions: number;
  deletions: number;
}

/** Returns the files that differ between two trees. Their links refer to `commit`. */
export async function changedFiles(
  call: RepositoryCall,
  before: string | undefined,
  after: string,
  commit: string,
): Promise<ChangedFile[]> {
  const { repository } = call;
  const html = `${call.addresses.html}/${repository.fullName}`;
  const files = await diffTrees(repository.gitDir, before, after);
  return files.map(({ path, previousPath, status, oid, additions, deletions, patch }) => {
    const encoded = path.split("/").map(encodeURIComponent).join("/");
    return {
      sha: oid,
      filename: path,
      status,
      additions,
      deletions,
      changes: additions + deletions,
      blob_url: `${html}/blob/${commit}/${encoded}`,
      raw_url: `${html}/raw/${commit}/${encoded}`,
      contents_url: `${repositoryUrl(repository, call)}/contents/${encoded}?ref=${commit}`,
      ...(patch === undefined ? {} : { patch }),
      ...(previousPath === undefined ? {} : { previous_filename: previousPath }),
    };
  });
}

import { type PathEntry, typeOfMode } from "../git/tree.js";
import type { RepositoryCall } from "../http/route.js";
import { repositoryUrl } from "./repository.js";

/** Returns a file, directory, symbolic link or submodule of the contents API, without its content. */
export function contentPayload(
  call: RepositoryCall,
  { path, mode, oid }: PathEntry,
  ref: string,
  size: number,
): Record<string, unknown> {
  const api = repositoryUrl(call.repository, call);
  const { fullName } = call.repository;
  const encoded = path.split("/").map(encodeURIComponent).join("/");
  const kind = typeOfMode(mode);
  const url = `${api}/contents/${encoded}?ref=${encodeURIComponent(ref)}`;
  const git = kind === "commit" ? null : `${api}/git/${kind}s/${oid}`;
  const html = `${call.addresses.html}/${fullName}/${kind === "tree" ? "tree" : "blob"}/${ref}/${encoded}`;
  return {
    name: path.slice(path.lastIndexOf("/") + 1),
    path,
    sha: oid,
    size: kind === "blob" ? size : 0,
    url,
    html_url: html,
    git_url: git,
    download_url: kind === "blob" ? `${call.addresses.raw}/${fullName}/${ref}/${encoded}` : null,
    type: kind === "tree" ? "dir" : kind === "commit" ? "submodule" : mode === "120000" ? "symlink" : "file",
    _links: { self: url, git, html },
  };
}

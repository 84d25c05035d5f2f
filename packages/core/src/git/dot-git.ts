/**
 * The names under which a file system may store `.git` (or `.gitmodules`). A checkout that wrote to one of them would
 * write into the repository itself, so git refuses them in every tree, on every system.
 *
 * The rules are those of `verify_path` (read-cache.c) with `core.protectNTFS` and `core.protectHFS`, and of
 * `git fsck --strict`, which GitHub runs on what it receives.
 */

// HFS+ drops these code points from a name before it looks it up.
const IGNORED_BY_HFS = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

// Git's UTF-8 reader ends a name at U+FFFE and U+FFFF.
const HFS_DOT_GIT = /(?:^|\/)\.git(?:$|[/\ufffe\uffff])/i;
const HFS_DOT_GITMODULES = /(?:^|\/)\.gitmodules(?:$|[/\ufffe\uffff])/i;

// NTFS ignores trailing dots and spaces, treats `:` as the start of a stream name and a backslash as a separator, and also
// gives each file a short name of eight characters.
const NTFS_DOT_GIT = /(?:^|[/\\])(?:\.git|git~1)[. ]*(?:$|[/\\:])/i;
const NTFS_SHORT_GITMODULES = [
  "gitmod~[1-4]",
  "gi7eba~[1-9]",
  "gi7eb~[1-9]\\d",
  "gi7e~[1-9]\\d{2}",
  "gi7~[1-9]\\d{3}",
  "gi~[1-9]\\d{4}",
  "g~[1-9]\\d{5}",
  "~[1-9]\\d{6}",
];
const NTFS_DOT_GITMODULES = new RegExp(
  `(?:^|[/\\\\])(?:\\.gitmodules|${NTFS_SHORT_GITMODULES.join("|")})[. ]*(?:$|:)`,
  "i",
);

/** Returns true if a file system may store a segment of the path as `.git`. */
export function hasDotGit(path: string): boolean {
  return NTFS_DOT_GIT.test(path) || HFS_DOT_GIT.test(path.replace(IGNORED_BY_HFS, ""));
}

/** Returns true if a file system may store the path as `.gitmodules`, which must not be a symbolic link. */
export function hasDotGitmodules(path: string): boolean {
  return NTFS_DOT_GITMODULES.test(path) || HFS_DOT_GITMODULES.test(path.replace(IGNORED_BY_HFS, ""));
}

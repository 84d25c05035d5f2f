/**
 * The names under which a file system may store `.git` (or `.gitmodules`). A checkout that wrote to one of them would
 * write into the repository itself, so git refuses them in every tree, on every system.
 *
 * The rules are those of `verify_path` (read-cache.c) with `core.protectNTFS` and `core.protectHFS`, and of
 * `git fsck --strict`, which GitHub runs on what it receives.
 */

// HFS+ drops these code points from a name before it looks it up.
const IGNORED_BY_HFS = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

// git's UTF-8 reader stops at U+FFFE and U+FFFF, so for it a name ends there.
const HFS_DOT_GIT = /(?:^|\/)\.git(?:$|[/\ufffe\uffff])/i;
const HFS_DOT_GITMODULES = /(?:^|\/)\.gitmodules(?:$|[/\ufffe\uffff])/i;

// NTFS drops trailing dots and spaces, takes `:` for the begin of a stream's name and a backslash for a separator, and
// knows every file by a short name of eight characters too.
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

/** Whether a file system may take a segment of this path for `.git`. */
export function hasDotGit(path: string): boolean {
  return NTFS_DOT_GIT.test(path) || HFS_DOT_GIT.test(path.replace(IGNORED_BY_HFS, ""));
}

/** Whether a file system may take this path for one of `.gitmodules`, which must not be a symbolic link. */
export function hasDotGitmodules(path: string): boolean {
  return NTFS_DOT_GITMODULES.test(path) || HFS_DOT_GITMODULES.test(path.replace(IGNORED_BY_HFS, ""));
}

/** The author, the committer or a co-author of a commit. */
export interface CommitAuthor {
  readonly name: string;
  readonly email: string;
}

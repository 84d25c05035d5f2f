/** A text file that a commit would add or update. */
export interface SearchedFile {
  /** The path relative to the project. */
  readonly path: string;
  /** The whole content. */
  readonly text: string;
}

/** The place of a secret in a file. It never contains the secret. */
export interface SecretFinding {
  /** The name of the rule that recognized the secret, such as `github`. */
  readonly rule: string;
  /** The line in which the secret begins. The first line is 1. */
  readonly line: number;
}

/**
 * Finds private keys, tokens and passwords in files before they are sent to GitHub.
 *
 * A sync calls it for every text file of at most 5 MiB whose content changes on the branch. A rejection fails the sync.
 */
export interface SecretDetector {
  /**
   * Resolves to the secrets in a file.
   *
   * @param options.signal aborted when the sync ends early, or after 30 seconds
   */
  find(file: SearchedFile, options: { readonly signal: AbortSignal }): Promise<readonly SecretFinding[]>;
}

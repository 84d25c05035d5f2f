/** Checks that a caller has the right to write. @throws GitHubSdkError when not, and the signal's reason */
export type AuthorizeWrite = (signal: AbortSignal) => Promise<void>;

/** The script was called in a way that cannot be meant: the message names what is wrong and how to mend it. Exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

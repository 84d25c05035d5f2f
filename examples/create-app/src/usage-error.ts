/** An error in the command line. The message names the option. Exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

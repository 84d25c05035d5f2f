/** An error in the command line or the environment. The message names the option or variable. Exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

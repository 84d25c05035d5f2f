/** The most bytes of a commit message in UTF-8. */
export const MAX_COMMIT_MESSAGE_BYTES = 64 * 1024;

/** Returns a commit message with LF line endings and without surrounding white space. */
export function normalizeCommitMessage(message: string): string {
  return message.replaceAll("\r\n", "\n").trim();
}

/**
 * Returns why a normalized commit message is invalid, as text that follows the field's name; `null` when it is valid.
 *
 * GitHub's APIs and git treat control characters differently: the same message would give different commits by different
 * writers.
 */
export function commitMessageProblem(message: string): string | null {
  if (message === "") return "must not be empty";
  if (Buffer.byteLength(message) > MAX_COMMIT_MESSAGE_BYTES) {
    return `must have at most ${MAX_COMMIT_MESSAGE_BYTES} bytes in UTF-8`;
  }
  if (/\p{Surrogate}/u.test(message)) return "must be well-formed Unicode";
  return CONTROL_CHARACTERS.test(message) ? "must not contain control characters other than line feed and tab" : null;
}

/** C0 without TAB and LF, and DEL. */
const CONTROL_CHARACTERS = /[^\P{Cc}\t\n\u0080-\u009f]/u;

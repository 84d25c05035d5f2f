import { redact } from "../redaction.js";

const MAX_ERROR_LENGTH = 1_000;
// An error may contain a whole response; redacting all of it would block other requests.
const MAX_REDACTED_LENGTH = 10_000;

/** Returns the redacted text of an error in a form that every database can store. */
export function errorText(error: unknown): string {
  const text = redact(describeError(error).slice(0, MAX_REDACTED_LENGTH)).slice(0, MAX_ERROR_LENGTH);
  return text.replaceAll("\0", "\ufffd").replaceAll(/\p{Surrogate}/gu, "\ufffd");
}

/** Describes any thrown value, also one that cannot be converted to a string. */
function describeError(error: unknown): string {
  try {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  } catch {
    return "The handler failed with a value that cannot be described.";
  }
}

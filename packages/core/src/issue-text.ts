/** A problem that a schema found in a value, as zod reports it. */
export interface SchemaIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** A problem of one field. */
export interface FieldError {
  /** The field's name, `files.main.tf.mode` for a nested one; empty for the whole value. */
  readonly field: string;
  readonly message: string;
}

/** The most problems that one error lists. The others are counted. */
export const MAX_PROBLEMS = 20;

/** Names the fields that issues are about. Returns at most {@link MAX_PROBLEMS} of them. */
export function fieldErrors(issues: readonly SchemaIssue[]): readonly FieldError[] {
  return issues.slice(0, MAX_PROBLEMS).map(({ path, message }) => ({ field: path.map(String).join("."), message }));
}

/**
 * Writes the issues of a value as one text: `field: message; field: message; and 3 more`.
 *
 * @param whole The name of the value itself, for issues that are about no field of it.
 */
export function issueText(issues: readonly SchemaIssue[], whole: string): string {
  const listed = fieldErrors(issues).map(({ field, message }) => `${field || whole}: ${message.replace(/\.$/, "")}`);
  const others = issues.length - listed.length;
  return [...listed, ...(others > 0 ? [`and ${others} more`] : [])].join("; ");
}

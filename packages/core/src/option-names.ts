import type { ErrorCode } from "./errors.js";

/** The options that the messages of an error code name, in backticks. */
const OPTIONS_OF_CODE: Partial<Record<ErrorCode, readonly string[]>> = {
  validation_failed: ["autoInit", "gitignoreTemplate", "licenseTemplate", "pullRequest", "strategy"],
  repository_exists: ["ifExists"],
  branch_protected: ["strategy", "bypassRules"],
  mass_deletion: ["allowMassDeletion"],
  project_empty: ["allowEmptyProject"],
  remote_history_rewritten: ["allowRewrittenHistory"],
  secret_found: ["allowSecrets"],
};

/** The code and the message of an error, also of one that a sync record stores. */
export interface NamedError {
  readonly code: ErrorCode;
  readonly message: string;
}

/**
 * Returns an error's message for users of another interface, such as HTTP. Messages name options as the SDK does:
 * `` `allowMassDeletion` ``.
 *
 * @param nameOf Returns the interface's name for an option of the SDK.
 */
export function renameOptions({ code, message }: NamedError, nameOf: (option: string) => string): string {
  const options = OPTIONS_OF_CODE[code] ?? [];
  return options.reduce((text, option) => text.replaceAll(`\`${option}\``, () => `\`${nameOf(option)}\``), message);
}

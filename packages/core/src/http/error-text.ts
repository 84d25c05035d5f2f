import type { ErrorCode } from "../errors.js";
import { type NamedError, renameField, renameOptions } from "../option-names.js";

/** Request fields whose names are not the option's name in snake case. */
const FIELD_OF_OPTION: Readonly<Record<string, string>> = { strategy: "conflict_strategy" };

/** Returns an error's message with the names of request fields in place of the SDK's options. */
export function toErrorText(error: NamedError): string {
  return renameOptions(error, toFieldName);
}

/** Returns the name of the request field for a field of the SDK's request. */
export function toErrorField(code: ErrorCode, field: string): string {
  return renameField(code, field, toFieldName);
}

function toFieldName(option: string): string {
  return FIELD_OF_OPTION[option] ?? snakeCase(option);
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

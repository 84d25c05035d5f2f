import { type NamedError, renameOptions } from "../option-names.js";

/** Request fields whose names are not the option's name in snake case. */
const FIELD_OF_OPTION: Readonly<Record<string, string>> = { strategy: "conflict_strategy" };

/** Returns an error's message with the names of request fields in place of the SDK's options. */
export function toErrorText(error: NamedError): string {
  return renameOptions(error, fieldOfOption);
}

/** Returns the request field of an option of the SDK. */
export function fieldOfOption(option: string): string {
  return FIELD_OF_OPTION[option] ?? snakeCase(option);
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

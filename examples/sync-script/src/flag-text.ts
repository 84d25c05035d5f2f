import { type NamedError, renameOptions } from "@infrajet/github";

/** Returns an error's message with the names of command-line flags in place of the SDK's options. */
export function toFlagText(error: NamedError): string {
  return renameOptions(error, (option) => `--${option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);
}

import { type NamedError, renameOptions } from "@infrajet/github";

/** Flags whose names are not the option's name with dashes. */
const FLAG_OF_OPTION: Readonly<Record<string, string>> = { allowSecrets: "--allow-secret" };

/** Returns an error's message with the names of command-line flags in place of the SDK's options. */
export function toFlagText(error: NamedError): string {
  return renameOptions(error, (option) => FLAG_OF_OPTION[option] ?? `--${withDashes(option)}`);
}

function withDashes(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

import { createPrivateKey } from "node:crypto";
import { GitHubSdkError } from "../errors.js";
import { Secret } from "../secret.js";

/**
 * Parses the private key of a GitHub App, as an environment variable contains it: PKCS#1 (GitHub's format) or PKCS#8, with
 * real or escaped newlines, or the whole PEM in base64.
 *
 * @param name the option or variable that contains the key, for error messages
 * @returns the key as PKCS#8 PEM
 * @throws GitHubSdkError `invalid_options` for a file path, another type of key or an invalid key; the message never repeats the value
 * @see https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/managing-private-keys-for-github-apps
 */
export function parsePrivateKey(value: string, name: string): Secret {
  const pem = unfold(value);
  if (!pem.includes("-----BEGIN ")) throw looksLikePath(pem) ? filePath(name) : invalidKey(name);
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType !== "rsa") throw invalidKey(name);
    return new Secret(key.export({ type: "pkcs8", format: "pem" }).toString());
  } catch {
    throw invalidKey(name);
  }
}

function unfold(value: string): string {
  const text = value
    .trim()
    .replace(/^(["'])(.*)\1$/s, "$2")
    .replace(/\\r?\\n|\\n/g, "\n")
    .replace(/\r\n/g, "\n");
  if (text.includes("-----BEGIN ")) return text;
  const decoded = Buffer.from(text, "base64").toString("utf8");
  return decoded.includes("-----BEGIN ") ? decoded : text;
}

function looksLikePath(text: string): boolean {
  return /\.(pem|key)$/i.test(text) || /^(\.{0,2}\/|~\/|[A-Za-z]:[\\/]|file:)/.test(text);
}

function filePath(name: string): GitHubSdkError {
  return new GitHubSdkError(
    "invalid_options",
    `${name} is a file path. Set it to the key itself, for example GITHUB_PRIVATE_KEY="$(cat private-key.pem)".`,
  );
}

function invalidKey(name: string): GitHubSdkError {
  return new GitHubSdkError(
    "invalid_options",
    `${name} is not an RSA private key in PEM format. Download one from the settings of the GitHub App ("Generate a private key") and set it to the whole content of the file; newlines may be written as \\n.`,
  );
}

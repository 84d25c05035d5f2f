import { createPrivateKey } from "node:crypto";
import { GitHubSdkError } from "../errors.js";
import { Secret } from "../secret.js";

/**
 * Reads the private key of a GitHub App as it comes out of an environment variable: PKCS#1 (as GitHub hands it out) or PKCS#8,
 * with real or escaped newlines, or the whole PEM in base64.
 *
 * @param name what the key is called where it was given, for the message
 * @returns the key as PKCS#8 PEM
 * @throws GitHubSdkError `invalid_options` for a file path, another kind of key or no key; the message never repeats the value.
 * @see https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/managing-private-keys-for-github-apps
 */
export function parsePrivateKey(value: string, name: string): Secret {
  const pem = unfold(value);
  if (!pem.includes("-----BEGIN ")) throw looksLikePath(pem) ? pathGiven(name) : noKey(name);
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType !== "rsa") throw noKey(name);
    return new Secret(key.export({ type: "pkcs8", format: "pem" }).toString());
  } catch {
    throw noKey(name);
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

function pathGiven(name: string): GitHubSdkError {
  return new GitHubSdkError(
    "invalid_options",
    `${name} is the path of a file. Give the key itself, for example GITHUB_PRIVATE_KEY="$(cat private-key.pem)".`,
  );
}

function noKey(name: string): GitHubSdkError {
  return new GitHubSdkError(
    "invalid_options",
    `${name} is no RSA private key in PEM form. Download one from the settings of the GitHub App ("Generate a private key") and give the file's whole content; newlines may be written as \\n.`,
  );
}

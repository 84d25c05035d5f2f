import type { Json } from "./exchange.js";

/** Texts of the account that a check runs with, and what a recording has in their place. */
export interface PrivateTexts {
  /** Tokens, keys and passwords. Recorded as `<secret>`. */
  readonly secrets: readonly string[];
  /** Logins and names, such as a login and `<login>`. Longer texts are replaced first. */
  readonly names: ReadonlyMap<string, string>;
}

/** Members of accounts that say who a person is. */
const PERSONAL = new Set(["name", "company", "blog", "location", "email", "bio", "twitter_username", "gravatar_id"]);
/** Members that are credentials, whatever their format. */
const SECRET = new Set([
  "client_secret",
  "code_verifier",
  "access_token",
  "refresh_token",
  "token",
  "pem",
  "webhook_secret",
]);
/** Formats of credentials, and of email addresses other than those that GitHub assigns. */
const CREDENTIALS =
  /\b(?:gh[opsur]_[\w.-]{16,}|github_pat_\w{16,}|eyJ[\w-]{8,}\.[\w-]+\.[\w-]+)|(?<=(?:sig|code|client_secret|token)=)[^&\s"]+/g;
const EMAILS = /[\w.+-]{1,64}@(?!users\.noreply\.github\.com|github\.com|example\.)[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}/g;

/** Returns a function that removes private texts, IDs of accounts and personal data from JSON. */
export function anonymizer({ secrets, names }: PrivateTexts): (value: Json) => Json {
  const replacements = [...secrets.map((secret) => [secret, "<secret>"] as const), ...names]
    .filter(([text]) => text !== "")
    .sort(([left], [right]) => right.length - left.length);
  const text = (value: string): string => {
    let result = value;
    for (const [from, to] of replacements) result = result.replaceAll(from, to);
    return result.replace(CREDENTIALS, "<secret>").replace(EMAILS, "<email>");
  };
  return function anonymize(value: Json): Json {
    if (typeof value === "string") return text(value);
    if (Array.isArray(value)) return value.map(anonymize);
    if (typeof value !== "object" || value === null) return value;
    const isAccount = "login" in value;
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [text(name), anonymizeMember(name, member, isAccount, anonymize)]),
    );
  };
}

function anonymizeMember(name: string, member: Json, isAccount: boolean, anonymize: (value: Json) => Json): Json {
  if (typeof member === "number" && (name === "id" || name.endsWith("_id"))) return 1;
  if ((name === "id" || name === "node_id") && typeof member === "string") return "<node_id>";
  if (SECRET.has(name) && typeof member === "string") return "<secret>";
  if (isAccount && PERSONAL.has(name) && typeof member === "string") return "<personal>";
  return anonymize(member);
}

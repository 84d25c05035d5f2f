import type { Match, Rule } from "./match.js";
import { isPlaceholder } from "./placeholder.js";

/** The format of a token. */
interface TokenFormat {
  readonly rule: string;
  /** A text that every token of this format contains. Looking for it is far faster than matching the pattern. */
  readonly hint: string;
  /** Matches a whole token, or the token as its first group. */
  readonly pattern: RegExp;
}

/**
 * Formats that the rules of secretlint do not know, or know too narrowly. All quantifiers are bounded or end at a character
 * that cannot begin a match, so that no text takes more than linear time.
 */
const FORMATS: readonly TokenFormat[] = [
  // https://github.blog/engineering/behind-githubs-new-authentication-token-formats/
  format("github", "gh", /(?<![A-Za-z0-9])gh[pousr]_[A-Za-z0-9]{36,255}(?![A-Za-z0-9_])/g),
  format("github", "ghs_", /(?<![A-Za-z0-9])ghs_\d{1,20}_[\w-]{10,300}\.[\w-]{10,2000}\.[\w-]{10,600}/g),
  format("gitlab", "gl", /(?<![A-Za-z0-9])gl(?:pat|ptt|dt|rt|soat|cbt|imt|agent|ffct|oas)-[\w-]{20,300}/g),
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
  format("aws", "A", /(?<![A-Za-z0-9])A(?:KIA|SIA)[A-Z0-9]{16}(?![A-Za-z0-9])/g),
  format(
    "aws",
    "",
    /secret[_-]?(?:access[_-]?)?key["']?\s{0,9}(?:=>|:=|[:=])\s{0,9}["']?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/gi,
  ),
  // https://learn.microsoft.com/purview/sit-defn-all-creds
  format("azure", "AccountKey=", /AccountKey=([A-Za-z0-9+/]{86}==)/g),
  format("azure", "", /(?:account|access|storage)_?key["']?\s{0,9}[:=]\s{0,9}["']?([A-Za-z0-9+/]{86}==)/gi),
  format("azure", "SharedAccessKey=", /SharedAccessKey=([A-Za-z0-9+/]{43}=)/g),
  format("azure", "Q~", /(?<![\w~.-])[A-Za-z0-9_~.]{3}\dQ~[\w~.-]{31,34}(?![\w~.-])/g),
  format("azure", "AZDO", /(?<![A-Za-z0-9])[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}(?![A-Za-z0-9])/g),
  format("azure", "sig=", /[?&;]sig=([A-Za-z0-9%+/]{40,120}(?:%3D|=))/g),
  format("gcp", "AIza", /(?<![\w-])AIza[\w-]{35}(?![\w-])/g),
  format("gcp", "GOCSPX-", /(?<![\w-])GOCSPX-[\w-]{28}(?![\w-])/g),
  format("gcp", "ya29.", /(?<![\w-])ya29\.[\w-]{30,2000}/g),
  format("slack", "xox", /(?<![A-Za-z0-9])xox[a-z]-\d[\w-]{20,300}/g),
  format(
    "slack",
    "hooks.slack.com",
    /https:\/\/hooks\.slack\.com\/(?:services|workflows)\/[A-Z0-9]{5,40}\/[A-Z0-9]{5,40}\/([A-Za-z0-9/]{20,60})/g,
  ),
  // https://docs.stripe.com/keys
  format("stripe", "k_", /(?<![A-Za-z0-9])[rs]k_(?:live|test)_[A-Za-z0-9]{16,250}(?![A-Za-z0-9])/g),
  format("stripe", "whsec_", /(?<![A-Za-z0-9])whsec_[A-Za-z0-9+/]{32,250}/g),
  format("openai", "sk-", /(?<![A-Za-z0-9])sk-(?:proj|svcacct|admin)-[\w-]{40,300}/g),
  format("openai", "sk-", /(?<![A-Za-z0-9-])sk-[A-Za-z0-9]{48}(?![A-Za-z0-9-])/g),
  format("anthropic", "sk-ant-", /(?<![A-Za-z0-9])sk-ant-[a-z]{3,12}\d\d-[\w-]{40,300}/g),
  format("huggingface", "hf_", /(?<![A-Za-z0-9])hf_[A-Za-z]{34}(?![A-Za-z0-9])/g),
  // https://developer.hashicorp.com/terraform/cloud-docs/users-teams-organizations/api-tokens
  format("terraform-cloud", ".atlasv1.", /(?<![A-Za-z0-9])[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,70}(?![\w-])/g),
  format("hashicorp-vault", "hv", /(?<![A-Za-z0-9])hv[sbr]\.[\w-]{24,300}/g),
  format("docker", "dckr_", /(?<![A-Za-z0-9])dckr_[po]at_[\w-]{27,60}/g),
  format("digitalocean", "_v1_", /(?<![A-Za-z0-9])do[opr]_v1_[a-f0-9]{64}(?![a-f0-9])/g),
  format("pypi", "pypi-", /(?<![A-Za-z0-9])pypi-AgE[\w-]{50,1000}/g),
  format("databricks", "dapi", /(?<![A-Za-z0-9])dapi[a-f0-9]{32}(?:-\d)?(?![A-Za-z0-9])/g),
  format("age", "AGE-SECRET-KEY-1", /AGE-SECRET-KEY-1[A-Z0-9]{58}(?![A-Z0-9])/g),
];

// The key of Azure's local emulator, which its documentation publishes.
const EMULATOR_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsu";

/** Finds tokens by the prefix or the form that their issuer gives them. */
export const tokenRules: readonly Rule[] = FORMATS.map(
  ({ rule, hint, pattern }) =>
    ({ text }) =>
      text.includes(hint) ? matches(rule, pattern, text) : [],
);

function* matches(rule: string, pattern: RegExp, text: string): Generator<Match> {
  for (const match of text.matchAll(pattern)) {
    const token = match[1] ?? match[0];
    if (isPlaceholder(token) || token.startsWith(EMULATOR_KEY)) continue;
    yield { rule, start: match.index };
  }
}

function format(rule: string, hint: string, pattern: RegExp): TokenFormat {
  return { rule, hint, pattern };
}

import * as z from "zod";
import type { Match, Rule } from "./match.js";
import { isPlaceholder } from "./placeholder.js";

/** The part of a file as secretlint's rules see it. */
interface Source {
  readonly filePath: string;
  readonly content: string;
  readonly contentType: "text";
  readonly ext: string;
}

/** A report of a rule. Its message contains the secret and is not used. */
interface Report {
  readonly range: readonly [number, number];
}

/** The context that secretlint passes to a rule. */
interface RuleContext {
  readonly sharedOptions: Readonly<Record<string, never>>;
  createTranslator(): (messageId: string) => { readonly message: string; readonly messageId: string };
  report(report: Report): void;
  ignore(): void;
}

type CreateRule = (context: RuleContext, options: object) => { file?(source: Source): void | Promise<void> };

const presetSchema = z.object({
  rules: z.array(
    z.object({
      meta: z.object({ id: z.string() }),
      create: z.custom<CreateRule>((create) => typeof create === "function"),
    }),
  ),
});

const PREFIX = "@secretlint/secretlint-rule-";
const REPLACED: ReadonlySet<string> = new Set([
  // Reads `.p12` files from the path of the file in the host's file system. Its JSON keys contain a private key as PEM.
  "gcp",
  // Comments that turn the guard off.
  "filter-comments",
  // Find local servers and placeholders of documentation. See password-rule.ts and token-rules.ts.
  "basicauth",
  "database-connection-string",
  "slack",
]);

/**
 * Texts of which every secret that a rule finds contains one. Looking for them is ten times as fast as the rule. A rule that is not
 * listed searches every file.
 */
const HINTS: Readonly<Record<string, readonly string[]>> = {
  "1password": ["ops_"],
  anthropic: ["sk-ant-"],
  aws: ["SECRET", "ecret"],
  github: ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"],
  linear: ["lin_api_"],
  npm: ["npm_", "_authToken=", ":x-oauth-basic@"],
  openai: ["sk-"],
  privatekey: ["PRIVATE KEY"],
  sendgrid: ["SG."],
  shopify: ["shppa_", "shpca_", "shpat_", "shpss_"],
};

/**
 * Loads the rules that secretlint recommends. They are run without `@secretlint/core`, whose profiler keeps an entry for each
 * rule and file for as long as the process lives.
 *
 * @see https://github.com/secretlint/secretlint
 */
export async function loadPresetRules(): Promise<readonly Rule[]> {
  const { rules } = presetSchema.parse(await import("@secretlint/secretlint-rule-preset-recommend"));
  return rules
    .map(({ meta, create }) => ({ name: meta.id.replace(PREFIX, ""), create }))
    .filter(({ name }) => !REPLACED.has(name))
    .map(({ name, create }) => toRule(name, create));
}

function toRule(name: string, create: CreateRule): Rule {
  const hints = HINTS[name];
  return ({ path, text }) => {
    if (hints?.some((hint) => text.includes(hint)) === false) return [];
    const matches: Match[] = [];
    const context: RuleContext = {
      sharedOptions: {},
      createTranslator: () => (messageId) => ({ message: "", messageId }),
      report: ({ range: [start, end] }) => {
        if (!isPlaceholder(text.slice(start, end))) matches.push({ rule: name, start });
      },
      ignore: () => {},
    };
    // All rules in use are synchronous.
    void create(context, {}).file?.({ filePath: path, content: text, contentType: "text", ext: ".txt" });
    return matches;
  };
}

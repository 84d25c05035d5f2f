import { parseArgs } from "node:util";
import { UsageError } from "./usage-error.js";

/** The command line. */
export interface Arguments {
  /** An organization that owns the repositories of the check; `null` for the user. */
  readonly org: string | null;
  /** Keeps the repositories and the share. */
  readonly keep: boolean;
  /** The numbers of the steps to run; `null` for all. */
  readonly only: ReadonlySet<number> | null;
  readonly sizes: boolean;
  readonly limits: boolean;
  /** Does not ask before anything is created. */
  readonly yes: boolean;
  /** The service that the box is compared with: GitHub, another box, or the file of an earlier check. */
  readonly against: { readonly kind: "github" | "box" } | { readonly kind: "recording"; readonly file: string };
  /** The folder in which the recording is written. */
  readonly output: string;
}

/** The help text. */
export const USAGE = `Usage: npm run live-check -- [options]

Sends the same requests to GitHub and to the GitHub double, and prints where they differ. Creates private repositories, which it deletes
at the end.

  --org NAME       create the repositories in this organization
  --only 2,7       run only these steps
  --keep           keep the repositories
  --sizes          also write as much as GitHub accepts (about 500 MB)
  --limits         also send requests until GitHub refuses one
  --yes            do not ask before repositories are created
  --against box    compare two doubles; no token is needed
  --against FILE   compare the double with the file of an earlier check
  --output FOLDER  write live-check-DATE.json into this folder (default: the working folder)
  --help           print this

Environment: GITHUB_TOKEN (classic with repo, workflow and delete_repo; or fine-grained with write access to Administration, Contents,
Pull requests and Workflows). Optional: GITHUB_API_URL, GITHUB_SERVER_URL; GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET; GITHUB_APP_ID,
GITHUB_PRIVATE_KEY and GITHUB_INSTALLATION_ID; AZURE_STORAGE_CONNECTION_STRING; LIVE_CHECK_LIMITED_TOKEN, a token without the scope
workflow; LIVE_CHECK_PUSH_PROTECTION=1 where push protection is on.
Exit code: 0 the same, 1 something differs, 2 not run.`;

const OPTIONS = {
  org: { type: "string" },
  only: { type: "string" },
  keep: { type: "boolean", default: false },
  sizes: { type: "boolean", default: false },
  limits: { type: "boolean", default: false },
  yes: { type: "boolean", default: false },
  against: { type: "string" },
  output: { type: "string", default: "." },
  help: { type: "boolean", default: false },
} as const;

/** Parses the command line. Returns `null` for `--help`. @throws UsageError */
export function parseArguments(argv: readonly string[], steps: readonly number[]): Arguments | null {
  const { values, positionals } = parsed(argv);
  if (values.help) return null;
  if (positionals[0] !== undefined) throw new UsageError(`Unexpected argument "${positionals[0]}". Remove it.`);
  return {
    org: values.org ?? null,
    keep: values.keep,
    only: values.only === undefined ? null : stepNumbers(values.only, steps),
    sizes: values.sizes,
    limits: values.limits,
    yes: values.yes,
    against: against(values.against),
    output: values.output,
  };
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function against(given: string | undefined): Arguments["against"] {
  if (given === undefined) return { kind: "github" };
  return given === "box" ? { kind: "box" } : { kind: "recording", file: given };
}

function stepNumbers(given: string, steps: readonly number[]): ReadonlySet<number> {
  const numbers = given.split(",").map((part) => Number(part.trim() || "none"));
  const unknown = numbers.find((number) => !steps.includes(number));
  if (unknown === undefined) return new Set(numbers);
  throw new UsageError(`--only: "${given}" is not a list of steps. The steps are ${steps.join(", ")}.`);
}

import { resolve } from "node:path";
import { type ParseArgsConfig, parseArgs } from "node:util";
import { DEFAULT_BASE_PATH } from "@infrajet/github/http";
import { UsageError } from "./usage-error.js";

/** The parsed command line. */
export interface Arguments {
  /** `null` for a name that the user chooses on GitHub. */
  readonly name: string | null;
  /** The homepage of the App. */
  readonly url: string;
  /** The base URL of the host's endpoints, without a trailing slash. */
  readonly endpoints: string;
  /** The organization that will own the App; `null` for the user. */
  readonly organization: string | null;
  /** Absolute path of the file to write; `null` to print the variables. */
  readonly envFile: string | null;
  /** GitHub's web address, without a trailing slash. */
  readonly serverUrl: string;
  readonly apiUrl: string;
  readonly isPublic: boolean;
  /** Replaces variables that the file already has. */
  readonly force: boolean;
  /** Opens the page in a browser. */
  readonly opens: boolean;
}

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

const OPTIONS = {
  name: { type: "string" },
  url: { type: "string", default: "http://localhost:3000" },
  organization: { type: "string" },
  env: { type: "string" },
  "github-url": { type: "string" },
  public: { type: "boolean", default: false },
  force: { type: "boolean", default: false },
  "no-open": { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const satisfies ParseArgsConfig["options"];

/** The help text. */
export const USAGE = `Usage: npm run create-app -- [options]

Creates a GitHub App in your browser, with all permissions and events of the SDK, and prints its variables as a .env file.

  --name NAME          the App's name, at most 34 characters (default: you choose it on GitHub)
  --url URL            the public address of your host (default: http://localhost:3000). With a path, the base URL of the endpoints
  --organization NAME  the organization that will own the App (default: your account)
  --env FILE           write the variables to FILE, readable by you only, and keep its other lines
  --force              replace variables that FILE already has
  --github-url URL     the address of your GitHub Enterprise Server (default: GITHUB_SERVER_URL, or https://github.com)
  --public             let any account install the App (default: only its owner)
  --no-open            print the address of the page, and do not open a browser
  --help               print this

Exit code: 0 created, 1 failed, 2 invalid usage.`;

/**
 * Parses the command line. Returns `null` for `--help`.
 *
 * @param workingFolder the base of relative paths
 * @throws UsageError
 */
export function parseArguments(argv: readonly string[], env: Environment, workingFolder: string): Arguments | null {
  const values = parsed(argv);
  if (values.help) return null;
  const url = webAddress("--url", values.url);
  const { origin, pathname } = new URL(url);
  const serverUrl = webAddress(
    "--github-url",
    values["github-url"] ?? (env.GITHUB_SERVER_URL?.trim() || "https://github.com"),
  );
  const known = values["github-url"] === undefined ? env.GITHUB_API_URL?.trim() : undefined;
  return {
    name: values.name === undefined ? null : appName(values.name),
    url: origin,
    endpoints: pathname === "/" ? `${origin}${DEFAULT_BASE_PATH}` : url,
    organization: values.organization === undefined ? null : organizationLogin(values.organization),
    envFile: values.env === undefined ? null : resolve(workingFolder, values.env),
    serverUrl,
    apiUrl: known ? webAddress("GITHUB_API_URL", known) : apiUrlOf(serverUrl),
    isPublic: values.public,
    force: values.force,
    opens: !values["no-open"],
  };
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, strict: true }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error));
  }
}

function webAddress(option: string, text: string): string {
  if (text.length > 2_000 || !URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new UsageError(`${option} is not a URL. Write it as https://api.example.com.`);
  }
  const { origin, pathname } = new URL(text);
  return `${origin}${pathname}`.replace(/\/$/, "");
}

function appName(text: string): string {
  const name = text.trim();
  if (name !== "" && name.length <= 34) return name;
  throw new UsageError("--name must have 1 to 34 characters, as GitHub requires.");
}

function organizationLogin(text: string): string {
  if (/^[\w-]{1,100}$/.test(text)) return text;
  throw new UsageError(
    "--organization must be the login of an organization, the last part of https://github.com/LOGIN.",
  );
}

/** GitHub Enterprise Server has its API at /api/v3 of the same host; github.com and GHE.com have it at a host of its own. */
function apiUrlOf(serverUrl: string): string {
  const { protocol, host } = new URL(serverUrl);
  return host === "github.com" || host.endsWith(".ghe.com") ? `${protocol}//api.${host}` : `${serverUrl}/api/v3`;
}

import pMap from "p-map";
import type { SecretDetector } from "../../adapters/secret-detector.js";
import type { RemoteEntry } from "../../domain/repository.js";
import { GitHubSdkError } from "../../errors.js";
import type { LocalProject } from "../project/local-project.js";
import { printablePath } from "../project/printable-path.js";
import type { PlannedChange, PlannedSecret, SyncPlan } from "./plan.js";

/** The contents that a plan writes, and the search for secrets in them. */
export interface SecretSearch {
  /** `null` finds nothing. */
  readonly detector: SecretDetector | null;
  /** Paths that may contain secrets. They are not searched. */
  readonly allowed: readonly string[];
  /** The branch's entries below the directory. */
  readonly remote: ReadonlyMap<string, RemoteEntry>;
  readonly local: Pick<LocalProject, "content">;
  readonly signal: AbortSignal;
}

// Larger files are data, not sources. Inflating and searching one takes up to a tenth of a second.
const MAX_FILE_BYTES = 5 * 1024 * 1024;
const FILES_AT_ONCE = 4;
const MAX_SECRETS = 1_000;
const SECRETS_IN_A_MESSAGE = 10;
// Git looks at as many bytes to recognize a binary file.
const BYTES_OF_A_BINARY = 8_000;

/** Returns the secrets in the files whose content the plan changes on the branch, by path and line. At most 1,000. */
export async function findSecrets(
  { changes }: Pick<SyncPlan, "changes">,
  { detector, allowed, remote, local, signal }: SecretSearch,
): Promise<PlannedSecret[]> {
  if (detector === null) return [];
  const isAllowed = new Set(allowed);
  const searched = changes.filter(
    (change) => isSearched(change) && !isAllowed.has(change.path) && remote.get(change.path)?.oid !== change.oid,
  );
  const secrets: PlannedSecret[] = [];
  const search = async ({ path, oid }: PlannedChange): Promise<void> => {
    if (oid === null || secrets.length >= MAX_SECRETS) return;
    const text = toText(await local.content(oid));
    if (text === null) return;
    const found = await detector.find({ path, text }, { signal });
    secrets.push(...found.map(({ rule, line }) => ({ path, rule, line })));
  };
  await pMap(searched, search, { concurrency: FILES_AT_ONCE, signal });
  return secrets.sort(byPathAndLine).slice(0, MAX_SECRETS);
}

/**
 * Rejects a plan that would send secrets to GitHub.
 *
 * @throws GitHubSdkError `secret_found` naming the files and rules, never a secret
 */
export function refuseSecrets({ secrets }: Pick<SyncPlan, "secrets">): void {
  if (secrets.length === 0) return;
  const named = secrets
    .slice(0, SECRETS_IN_A_MESSAGE)
    .map(({ path, rule, line }) => `${printablePath(path)} (line ${line}, rule ${rule})`);
  const more = secrets.length > named.length ? ` and ${secrets.length - named.length} more` : "";
  throw new GitHubSdkError(
    "secret_found",
    `These files contain secrets, so nothing was sent to GitHub: ${named.join(", ")}${more}. Remove the secrets, or name the files that may be sent with \`allowSecrets\`.`,
    { details: { secrets: secrets.slice(0, 100), count: secrets.length } },
  );
}

function isSearched({ mode, size }: PlannedChange): boolean {
  return (mode === "100644" || mode === "100755") && size > 0 && size <= MAX_FILE_BYTES;
}

/** Returns the text of a file; `null` for a binary file. UTF-16, as PowerShell writes it, is text when it begins with its mark. */
function toText(bytes: Uint8Array): string | null {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  if (bytes.subarray(0, BYTES_OF_A_BINARY).includes(0)) return null;
  return new TextDecoder().decode(bytes);
}

function byPathAndLine(left: PlannedSecret, right: PlannedSecret): number {
  if (left.path !== right.path) return left.path < right.path ? -1 : 1;
  return left.line - right.line;
}

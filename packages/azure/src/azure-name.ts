import { assertPathSegment } from "@infrajet/github/adapters";
import { GitHubSdkError, isGitHubSdkError } from "@infrajet/github/errors";

// https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-shares--directories--files--and-metadata
const FORBIDDEN = /["\\:|<>*?]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to reject
const CONTROL = /[\u0000-\u001f\u007f]/;
const DEVICES = /^(?:con|prn|aux|nul|clock\$|com[1-9]|lpt[1-9])$/i;
const MAX_NAME = 255;
const MAX_PATH = 2048;
const MAX_DEPTH = 250;
const MAX_DECODINGS = 5;

/**
 * Checks that an id is the name of exactly one directory: a single path segment, also after repeated percent-decoding, of
 * characters that Azure Files supports.
 *
 * @param name the id's name in the error, such as `The project id`
 * @throws GitHubSdkError `validation_failed` when the id is not such a name
 */
export function assertAzureId(id: string, name: string): void {
  assertPathSegment(id, name);
  const problem = nameProblem(id);
  if (problem !== null) throw new GitHubSdkError("validation_failed", `${name} ${problem}.`);
  for (let decoded = decode(id), times = 0; decoded !== null; decoded = decode(decoded), times += 1) {
    if (times === MAX_DECODINGS || !isPathSegment(decoded)) {
      throw new GitHubSdkError(
        "validation_failed",
        `${name} contains percent-encoded characters that are not allowed in a directory name.`,
      );
    }
  }
}

/**
 * Checks that Azure Files can store a path of a project.
 *
 * @throws GitHubSdkError `invalid_path` when it cannot
 */
export function assertWritablePath(path: string, base: string): void {
  const segments = path.split("/");
  const problem = segments.map(segmentProblem).find((found) => found !== null) ?? null;
  if (problem !== null) throw invalidPath(path, problem);
  const whole = base === "" ? path : `${base}/${path}`;
  if (whole.length > MAX_PATH) throw invalidPath(path, `is longer than ${MAX_PATH} characters`);
  if (whole.split("/").length > MAX_DEPTH) throw invalidPath(path, `is nested more than ${MAX_DEPTH} directories deep`);
}

/**
 * Checks that a relative path stays below its directory. Does not check the characters of its names.
 *
 * @throws GitHubSdkError `invalid_path` when it does not
 */
export function assertPathBelow(path: string): void {
  const leaves = (segment: string): boolean => /^\.{0,2}$/.test(segment) || /[\\\0]/.test(segment);
  if (path.split("/").some(leaves) || !isWellFormed(path)) throw invalidPath(path, "is not a path of the project");
}

function segmentProblem(segment: string): string | null {
  if (segment === "" || /^\.+$/.test(segment)) return "has a segment that is empty or consists of dots only";
  return isWellFormed(segment) ? nameProblem(segment) : "is not well-formed Unicode";
}

/** Returns the reason why Azure Files does not support a name, as the end of a sentence. */
function nameProblem(name: string): string | null {
  if (FORBIDDEN.test(name)) return 'contains one of the characters " \\ : | < > * ? that Azure Files does not support';
  if (CONTROL.test(name)) return "contains a control character";
  if (DEVICES.test(name)) return "is a device name that Azure Files reserves";
  return name.length > MAX_NAME ? `has a name of more than ${MAX_NAME} characters` : null;
}

function isWellFormed(text: string): boolean {
  return Buffer.from(text, "utf8").toString("utf8") === text;
}

function isPathSegment(text: string): boolean {
  try {
    assertPathSegment(text, "");
    return true;
  } catch (error) {
    if (isGitHubSdkError(error, "validation_failed")) return false;
    throw error;
  }
}

/** Removes one layer of percent-encoding. Returns `null` when there is none. */
function decode(text: string): string | null {
  // Run by run, because a run that is not valid UTF-8 must not hide the others.
  const decoded = text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (escapes) =>
    Buffer.from(escapes.replaceAll("%", ""), "hex").toString("utf8"),
  );
  return decoded === text ? null : decoded;
}

function invalidPath(path: string, problem: string): GitHubSdkError {
  return new GitHubSdkError("invalid_path", `${JSON.stringify(path)} ${problem}.`, { details: { path } });
}

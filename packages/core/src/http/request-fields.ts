import * as z from "zod";
import type { FilesToWrite, FileToWrite } from "../app/files-to-write.js";
import { defined } from "../defined.js";
import { segmentProblem } from "../domain/path-segment.js";
import { checkBranchName } from "../git/branch-name.js";
import { checkPath } from "../git/path.js";
import { parseRepositoryName } from "../github/repository-name.js";
import { list, record } from "./bounded-fields.js";

const MAX_PATH_BYTES = 4_096;
const MAX_BRANCH_BYTES = 244;
const MAX_MESSAGE_BYTES = 64 * 1024;
const MAX_ID_LENGTH = 200;
const MAX_FILES = 10_000;
const MIN_STATE_LENGTH = 16;
const MAX_STATE_LENGTH = 1_000;

// Python clients send null for omitted fields, so that null means omitted in every field.
const leftOut = new WeakMap<z.core.$ZodType, string | null>();

/** Returns the text that describes an optional field's default, `null` for none, `undefined` when the field is required. */
export function leftOutAs(field: z.core.$ZodType): string | null | undefined {
  return leftOut.get(field);
}

/** Makes a field optional. */
export function optional<Schema extends z.ZodType>(schema: Schema) {
  const field = schema.nullish().transform((value) => value ?? undefined);
  leftOut.set(field, null);
  return field;
}

/** Makes a field optional with a default. */
export function withDefault<Schema extends z.ZodType>(schema: Schema, value: z.output<Schema>) {
  const field = schema.nullish().transform((given): z.output<Schema> => given ?? value);
  leftOut.set(field, `Defaults to \`${String(value)}\``);
  return field;
}

/**
 * Returns a schema for a text of limited size. The size is checked first: no other check sees a text that is longer.
 *
 * @param problemOf Returns why a text is invalid; `null` for a valid one.
 */
export function text(maxBytes: number, problemOf: (value: string) => string | null = () => null): z.ZodString {
  return z
    .string()
    .max(maxBytes, { abort: true, error: `must have at most ${maxBytes} characters` })
    .superRefine((value, context) => {
      const isTooLong = Buffer.byteLength(value) > maxBytes;
      const problem = isTooLong ? `must have at most ${maxBytes} bytes in UTF-8` : problemOf(value);
      if (problem !== null) context.addIssue({ code: "custom", message: problem });
    });
}

/** The id of a project. */
export const projectId = z
  .string()
  .max(MAX_ID_LENGTH, { abort: true, error: `must have at most ${MAX_ID_LENGTH} characters` })
  .superRefine((id, context) => {
    const problem = segmentProblem(id);
    if (problem !== null) context.addIssue({ code: "custom", message: `It ${problem}` });
  });
export const repositoryFullName = text(201, (name) => repositoryNameProblem(name)).describe("`owner/repo`");
export const repositoryOwner = text(100, (owner) => repositoryNameProblem(`${owner}/name`));
export const repositoryName = text(100, (name) => repositoryNameProblem(`owner/${name}`));
export const branch = withDefault(
  text(MAX_BRANCH_BYTES, (name) => checkBranchName(name)?.message ?? null),
  "main",
);
export const installationId = z.int().positive();

export const directory = text(MAX_PATH_BYTES, (path) => {
  const inner = withoutOuterSlashes(path);
  return inner === "" ? null : (checkPath(inner)?.message ?? null);
}).describe("Folder of the repository that mirrors the project. Defaults to its root");

/** The path of a file in a project or repository. */
export const filePath = text(MAX_PATH_BYTES, (path) => checkPath(path)?.message ?? null);

/** A list of paths of a project. */
export const filePaths = list(filePath, { max: MAX_FILES });

/** The paths of files that may be sent although they contain secrets. */
export const allowedSecrets = optional(list(filePath, { max: MAX_FILES })).describe(
  "Paths of files that may be sent to GitHub although they contain secrets. Defaults to none",
);

/** The commit message; a blank one counts as omitted. */
export const commitMessage = optional(text(MAX_MESSAGE_BYTES)).transform((message) => message?.trim() || undefined);

/** The commit message, which must not be blank. */
export const requiredCommitMessage = text(MAX_MESSAGE_BYTES, (message) =>
  message.trim() === "" ? "must not be blank" : null,
).transform((message) => message.trim());

/** A state that GitHub returned. */
export const returnedState = z.string().regex(/^[\x20-\x7e]{1,1000}$/, "must be 1 to 1,000 printable ASCII characters");

/** A state that the client chose. It must be random: a state that can be guessed allows login CSRF. */
export const chosenState = returnedState
  .min(MIN_STATE_LENGTH, `must have at least ${MIN_STATE_LENGTH} characters`)
  .max(MAX_STATE_LENGTH)
  .describe(
    "A random value, which GitHub returns unchanged. An attacker who can guess it can connect another account to the user",
  );

/** A token of GitHub. */
export const gitHubToken = z.string().max(10_000, "must have at most 10,000 characters");

/** Returns a schema for an integer of a query within limits. */
export function queryNumber(least: number, most: number = Number.MAX_SAFE_INTEGER) {
  const message = `must be an integer ${most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`}`;
  return z
    .string()
    .regex(/^\d{1,16}$/, message)
    .transform(Number)
    .refine((number) => number >= least && number <= most, message)
    .meta({ type: "integer", minimum: least, maximum: most });
}

const describedFile = z
  .object({
    content: z.string(),
    encoding: withDefault(z.enum(["utf-8", "base64"]), "utf-8"),
    mode: optional(z.enum(["100644", "100755"])),
  })
  .refine(({ content, encoding }) => encoding === "utf-8" || isBase64(content), {
    path: ["content"],
    message: "is not valid base64",
  });

/** Files by path: text, bytes in base64, or `null` to delete the file. */
export const files = record(filePath, z.union([z.string(), describedFile]).nullable(), { max: MAX_FILES }).transform(
  (given): FilesToWrite => Object.fromEntries([...given].map(([path, file]) => [path, toFileToWrite(file)])),
);

function toFileToWrite(file: string | z.output<typeof describedFile> | null): FileToWrite {
  if (file === null || typeof file === "string") return file;
  return { content: Buffer.from(file.content, file.encoding), ...defined({ mode: file.mode }) };
}

function repositoryNameProblem(fullName: string): string | null {
  try {
    parseRepositoryName(fullName);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : "is not a repository name";
  }
}

/** A regular expression with `+$` would take quadratic time. */
function withoutOuterSlashes(path: string): string {
  let start = 0;
  let end = path.length;
  while (start < end && path[start] === "/") start += 1;
  while (end > start && path[end - 1] === "/") end -= 1;
  return path.slice(start, end);
}

/** Accepts standard base64, with line breaks. */
export function isBase64(content: string): boolean {
  const digits = content.replaceAll(/\s+/g, "");
  return digits.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(digits);
}

import { z } from "zod";
import type { FilesToWrite, FileToWrite } from "../app/files-to-write.js";
import { defined } from "../defined.js";
import { assertPathSegment } from "../domain/path-segment.js";
import { assertBranchName } from "../git/branch-name.js";
import { assertPath } from "../git/path.js";
import { parseRepositoryName } from "../github/repository-name.js";

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

/** Returns a schema that accepts the texts that a domain rule accepts. The rule's message becomes the field's. */
function ruled(assert: (value: string) => void, schema: z.ZodString = z.string()): z.ZodString {
  return schema.superRefine((value, context) => {
    try {
      assert(value);
    } catch (error) {
      context.addIssue({ code: "custom", message: error instanceof Error ? error.message : "is not valid" });
    }
  });
}

export const projectId = ruled((id) => assertPathSegment(id, "It"));
export const repositoryFullName = ruled(parseRepositoryName).describe("`owner/repo`");
export const repositoryOwner = ruled((owner) => parseRepositoryName(`${owner}/name`));
export const repositoryName = ruled((name) => parseRepositoryName(`owner/${name}`));
export const branch = withDefault(ruled(assertBranchName), "main");
export const installationId = z.int().positive();

export const directory = ruled((path) => {
  const inner = path.replace(/^\/+|\/+$/g, "");
  if (inner !== "") assertPath(inner);
}).describe("Folder of the repository that mirrors the project. Defaults to its root");

export const filePath = ruled(assertPath);

/** The commit message; a blank one counts as omitted. */
export const commitMessage = optional(z.string().trim().max(65_536)).transform((message) => message || undefined);

/** A state that the client chose for an authorization; GitHub returns it unchanged. */
export const newState = z
  .string()
  .regex(/^[\x20-\x7e]{16,1000}$/, "must be 16 to 1,000 printable ASCII characters")
  .describe("Must be random: an attacker who can guess it can connect the attacker's GitHub account to another user");

/** A state that a callback carries. A value that no authorization can have is an unknown state, not an invalid field. */
export const callbackState = z.string().regex(/^[\x20-\x7e]{1,1000}$/, "must be 1 to 1,000 printable ASCII characters");

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
export const files = z
  .record(z.string(), z.union([z.string(), describedFile]).nullable())
  .superRefine((given, context) => {
    for (const path of Object.keys(given)) {
      try {
        assertPath(path);
      } catch (error) {
        context.addIssue({
          code: "custom",
          path: [path],
          message: error instanceof Error ? error.message : "is not a valid path",
        });
      }
    }
  })
  .transform(
    (given): FilesToWrite =>
      Object.fromEntries(Object.entries(given).map(([path, file]) => [path, toFileToWrite(file)])),
  );

function toFileToWrite(file: string | z.output<typeof describedFile> | null): FileToWrite {
  if (file === null || typeof file === "string") return file;
  return { content: Buffer.from(file.content, file.encoding), ...defined({ mode: file.mode }) };
}

/** Accepts standard base64, with line breaks. */
function isBase64(text: string): boolean {
  const digits = text.replaceAll(/\s+/g, "");
  return digits.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(digits);
}

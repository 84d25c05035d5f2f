import { z } from "zod";
import type { FilesToWrite, FileToWrite } from "../app/files-to-write.js";
import { defined } from "../defined.js";
import { assertPathSegment } from "../domain/path-segment.js";
import { assertBranchName } from "../git/branch-name.js";
import { assertPath } from "../git/path.js";
import { parseRepositoryName } from "../github/repository-name.js";

// What Python's clients send for what they leave out is null: it counts as left out everywhere.
const leftOut = new WeakMap<z.core.$ZodType, string | null>();

/** Whether a field may be left out, and in words what it is then; `undefined` for one that has to be there. */
export function leftOutAs(field: z.core.$ZodType): string | null | undefined {
  return leftOut.get(field);
}

/** A field that may be left out. */
export function optional<Schema extends z.ZodType>(schema: Schema) {
  const field = schema.nullish().transform((value) => value ?? undefined);
  leftOut.set(field, null);
  return field;
}

/** A field that has a value when it is left out. */
export function withDefault<Schema extends z.ZodType>(schema: Schema, value: z.output<Schema>) {
  const field = schema.nullish().transform((given): z.output<Schema> => given ?? value);
  leftOut.set(field, `\`${String(value)}\` unless told`);
  return field;
}

/** A text that a rule of the domain lets pass; what the rule says of another is what the client is told. */
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
}).describe("Folder of the repository that mirrors the project; its root unless told");

export const filePath = ruled(assertPath);

/** A commit's message; a blank one counts as none. */
export const commitMessage = optional(z.string().trim().max(65_536)).transform((message) => message || undefined);

/** A state that a client chose: what GitHub gives back unchanged. */
export const state = z.string().regex(/^[\x20-\x7e]{1,1000}$/, "has to be 1 to 1,000 printable ASCII characters");

/** A whole number of a query, between those. */
export function queryNumber(least: number, most: number = Number.MAX_SAFE_INTEGER) {
  const words = `has to be a whole number, ${most === Number.MAX_SAFE_INTEGER ? `${least} or more` : `from ${least} to ${most}`}`;
  return z
    .string()
    .regex(/^\d{1,16}$/, words)
    .transform(Number)
    .refine((number) => number >= least && number <= most, words)
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
    message: "is not base64",
  });

/** Files by path: a text, bytes in base64, or `null` to delete. */
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
          message: error instanceof Error ? error.message : "is no path",
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

/** Standard base64, which may be broken into lines. */
function isBase64(text: string): boolean {
  const digits = text.replaceAll(/\s+/g, "");
  return digits.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(digits);
}

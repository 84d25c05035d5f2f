import { readFile, rm, writeFile } from "node:fs/promises";
import { z } from "zod";
import type { PrivateTexts } from "./anonymize.js";
import type { Exchange, Json } from "./exchange.js";
import { UsageError } from "./usage-error.js";

const json: z.ZodType<Json> = z.json();
const texts = z.record(z.string(), z.string());
const recordingSchema = z.object({
  date: z.string(),
  apiUrl: z.string(),
  exchanges: z.array(
    z.object({
      step: z.number(),
      label: z.string(),
      request: z.object({ method: z.string(), path: z.string(), headers: texts, body: json }),
      response: z.object({ status: z.number(), headers: texts, body: json }),
    }),
  ),
  settled: z.record(z.string(), z.string()),
});

/** The exchanges of a check with a service. */
export interface Recording {
  /** ISO 8601. */
  readonly date: string;
  readonly apiUrl: string;
  readonly exchanges: readonly Exchange[];
  /** Answers to open questions, by question. */
  readonly settled: Readonly<Record<string, string>>;
}

/** Reads the file of an earlier check. @throws UsageError when it is not one */
export async function readRecording(file: string): Promise<Recording> {
  try {
    return recordingSchema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new UsageError(`--against: ${file} is not the file of a check. ${reason}`);
  }
}

/** Writes a recording and searches it for private texts. Removes the file and throws when it contains one. */
export async function writeRecording(
  file: string,
  recording: Recording,
  { secrets, names }: PrivateTexts,
): Promise<void> {
  await writeFile(file, `${JSON.stringify(recording, null, 1)}\n`, { flag: "wx", mode: 0o600 });
  const written = await readFile(file, "utf8");
  const found = [...secrets, ...names.keys()].filter((text) => text.length > 3 && written.includes(text));
  if (found.length === 0) return;
  await rm(file);
  throw new Error(`The recording contained ${found.length} private texts and was deleted. Report this as a bug.`);
}

import * as z from "zod";
import type { ProjectJournal } from "./baseline.js";
import type { RemoteEntry } from "./repository.js";

const versionSchema = z.tuple([z.string(), z.string()]).nullable();
/** A journal in a stored baseline or staged change. */
export const journalSchema = z.object({
  syncId: z.int(),
  operation: z.string(),
  /** Path, before, after, base, and whether the replaced version is kept. */
  changes: z.array(z.tuple([z.string(), versionSchema, versionSchema, versionSchema, z.boolean()])),
});

/** Converts a journal to JSON. Equal journals result in equal JSON. */
export function encodeJournal({ changes, ...rest }: ProjectJournal): z.infer<typeof journalSchema> {
  const version = (entry: RemoteEntry | null): [string, string] | null => entry && [entry.mode, entry.oid];
  return {
    ...rest,
    changes: [...changes]
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([path, { before, after, base, keep }]) => [path, version(before), version(after), version(base), keep]),
  };
}

/** Converts a journal from JSON. */
export function decodeJournal({ changes, ...rest }: z.infer<typeof journalSchema>): ProjectJournal {
  const entry = (version: [string, string] | null): RemoteEntry | null =>
    version && { mode: version[0], oid: version[1] };
  return {
    ...rest,
    changes: new Map(
      changes.map(([path, before, after, base, keep]) => [
        path,
        { before: entry(before), after: entry(after), base: entry(base), keep },
      ]),
    ),
  };
}

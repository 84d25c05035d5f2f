import { constants, deflateSync, inflateSync } from "node:zlib";
import * as z from "zod";
import { GitHubSdkError } from "../errors.js";
import type { Baseline, BaselineEntry, Proposal, ProposedChange, StagedChange } from "./baseline.js";
import { decodeJournal, encodeJournal, journalSchema } from "./journal-codec.js";
import { packObjectIds, unpackObjectIds } from "./object-id-list.js";
import type { ObjectId, RemoteEntry } from "./repository.js";

// Four bytes that identify the kind of data and its version. A new layout needs a new mark.
const BASELINE_MARK = Buffer.from("IBL1", "latin1");
const STAGED_MARK = Buffer.from("IST1", "latin1");
// Object IDs and tags are random: better compression takes twice the time and saves 4 % of the bytes.
const COMPRESSION = { level: constants.Z_BEST_SPEED };

const modes = z.array(z.enum(["100644", "100755", "120000"]).nullable());
const tableSchema = z.object({
  paths: z.array(z.string()),
  modes: z.array(z.string().nullable()),
  oids: z.base64(),
});
const entriesSchema = tableSchema.extend({
  modes,
  tags: z.array(z.string().nullable()),
  /** The rows of unpublished entries. Omitted when there are none, which is also how earlier versions encoded entries. */
  unpublished: z.array(z.int()).optional(),
  /** The rows of ignored entries, omitted in the same way. */
  ignored: z.array(z.int()).optional(),
});
/** The difference between a table and another one: paths that are absent, and rows that differ. */
const differenceSchema = z.object({ absent: z.array(z.string()), other: tableSchema });
const contentsSchema = z.object({ oids: z.base64(), bytes: z.array(z.base64()) });

const proposedSchema = z.object({ branch: z.string(), entries: entriesSchema, contents: contentsSchema });
const proposalSchema = proposedSchema.extend({ number: z.int().nullable(), url: z.string().nullable() });

const baselineSchema = z.object({
  head: z.string().nullable(),
  rootTree: z.string().nullable(),
  previousHead: z.string().nullable(),
  etag: z.string().nullable(),
  savedAt: z.number(),
  entries: entriesSchema,
  remote: differenceSchema.nullable(),
  contents: contentsSchema,
  ignoreFiles: z.array(z.tuple([z.string(), z.string().nullable(), z.string()])),
  /** Omitted when there is none, which is also how earlier versions encoded baselines. */
  proposal: proposalSchema.optional(),
  journal: journalSchema.optional(),
  checkedHead: z.string().optional(),
});

const stagedSchema = z.object({
  syncId: z.int(),
  attempt: z.int(),
  entries: entriesSchema,
  writes: differenceSchema,
  contents: contentsSchema,
  journal: journalSchema.optional(),
  /** Omitted when there is none, which is also how earlier versions encoded staged changes. */
  proposed: proposedSchema.optional(),
});

type Table = z.infer<typeof tableSchema>;
type EntriesTable = z.infer<typeof entriesSchema>;
type Difference = z.infer<typeof differenceSchema>;
type Contents = z.infer<typeof contentsSchema>;

/** Encodes a baseline as compressed bytes. Equal baselines result in equal bytes. */
export function encodeBaseline(baseline: Baseline): Uint8Array {
  const { head, rootTree, previousHead, etag, savedAt, entries, remote, contents, ignoreFiles } = baseline;
  const { proposal, journal, checkedHead } = baseline;
  const encoded: z.infer<typeof baselineSchema> = {
    head,
    rootTree,
    previousHead,
    etag,
    savedAt,
    entries: encodeEntries(entries),
    remote: remote === null ? null : encodeDifference(remote, entries),
    contents: encodeContents(contents),
    ignoreFiles: sorted(ignoreFiles).map(([path, { versionTag, text }]) => [path, versionTag, text]),
    ...(proposal === undefined ? {} : { proposal: encodeProposal(proposal) }),
    ...(journal === undefined ? {} : { journal: encodeJournal(journal) }),
    ...(checkedHead === undefined ? {} : { checkedHead }),
  };
  return seal(BASELINE_MARK, encoded);
}

/** Decodes a baseline. @throws GitHubSdkError `store_failed` for bytes that are damaged or of another kind. */
export function decodeBaseline(bytes: Uint8Array): Baseline {
  return reading("baseline", () => {
    const { entries, remote, contents, ignoreFiles, proposal, journal, checkedHead, ...rest } = baselineSchema.parse(
      unseal(BASELINE_MARK, bytes),
    );
    const decoded = new Map(decodeEntries(entries).map(([path, entry]) => [path, present(entry)]));
    return {
      ...rest,
      entries: decoded,
      remote: remote === null ? null : mapValues(decodeDifference(remote, decoded), present),
      contents: decodeContents(contents),
      ignoreFiles: new Map(ignoreFiles.map(([path, versionTag, text]) => [path, { versionTag, text }])),
      ...(proposal === undefined ? {} : { proposal: decodeProposal(proposal) }),
      ...(journal === undefined ? {} : { journal: decodeJournal(journal) }),
      ...(checkedHead === undefined ? {} : { checkedHead }),
    };
  });
}

function encodeProposal({ number, url, ...proposed }: Proposal): z.infer<typeof proposalSchema> {
  return { ...encodeProposed(proposed), number, url };
}

function encodeProposed({ branch, entries, contents }: ProposedChange): z.infer<typeof proposedSchema> {
  return { branch, entries: encodeEntries(entries), contents: encodeContents(contents) };
}

function decodeProposal({ number, url, ...proposed }: z.infer<typeof proposalSchema>): Proposal {
  return { ...decodeProposed(proposed), number, url };
}

function decodeProposed({ branch, entries, contents }: z.infer<typeof proposedSchema>): ProposedChange {
  return { branch, entries: new Map(decodeEntries(entries)), contents: decodeContents(contents) };
}

/** Encodes a staged change as compressed bytes. */
export function encodeStagedChange({ syncId, attempt, change, proposed, journal }: StagedChange): Uint8Array {
  const encoded: z.infer<typeof stagedSchema> = {
    syncId,
    attempt,
    entries: encodeEntries(change.entries),
    writes: encodeDifference(change.writes, change.entries),
    contents: encodeContents(change.contents),
    ...(journal === undefined ? {} : { journal: encodeJournal(journal) }),
    ...(proposed === undefined ? {} : { proposed: encodeProposed(proposed) }),
  };
  return seal(STAGED_MARK, encoded);
}

/** Decodes a staged change. @throws GitHubSdkError `store_failed` for bytes that are damaged or of another kind. */
export function decodeStagedChange(bytes: Uint8Array): StagedChange {
  return reading("staged change", () => {
    const staged = stagedSchema.parse(unseal(STAGED_MARK, bytes));
    const { syncId, attempt, entries, writes, contents, proposed, journal } = staged;
    const decoded = new Map(decodeEntries(entries));
    const change = {
      entries: decoded,
      writes: decodeDifference(writes, decoded),
      contents: decodeContents(contents),
    };
    return {
      ...{ syncId, attempt, change },
      ...(journal === undefined ? {} : { journal: decodeJournal(journal) }),
      ...(proposed === undefined ? {} : { proposed: decodeProposed(proposed) }),
    };
  });
}

function encodeEntries(entries: ReadonlyMap<string, BaselineEntry | null>): EntriesTable {
  const rows = sorted(entries);
  const unpublished = rows.flatMap(([, entry], row) => (entry?.unpublished ? row : []));
  const ignored = rows.flatMap(([, entry], row) => (entry?.ignored ? row : []));
  return {
    ...encodeTable(rows),
    modes: rows.map(([, row]) => row?.mode ?? null),
    tags: rows.map(tagOf),
    ...(unpublished.length === 0 ? {} : { unpublished }),
    ...(ignored.length === 0 ? {} : { ignored }),
  };
}

function tagOf([, entry]: readonly [string, BaselineEntry | null]): string | null {
  return entry?.versionTag ?? null;
}

function decodeEntries(table: EntriesTable): (readonly [string, BaselineEntry | null])[] {
  const oids = objectIdsOf(table);
  if (table.tags.length !== table.paths.length) throw new Error("The number of tags differs from the number of paths.");
  const unpublished = new Set(table.unpublished);
  const ignored = new Set(table.ignored);
  return table.paths.map((path, row) => {
    const mode = table.modes[row] ?? null;
    const oid = oids[row] ?? null;
    if (mode === null || oid === null) return [path, null];
    const flags = {
      ...(unpublished.has(row) ? { unpublished: true as const } : {}),
      ...(ignored.has(row) ? { ignored: true as const } : {}),
    };
    return [path, { mode, oid, versionTag: table.tags[row] ?? null, ...flags }];
  });
}

function encodeTable(rows: readonly (readonly [string, RemoteEntry | null])[]): Table {
  return {
    paths: rows.map(([path]) => path),
    modes: rows.map(([, row]) => row?.mode ?? null),
    oids: packObjectIds(rows.map(([, row]) => row?.oid ?? null)).toString("base64"),
  };
}

function objectIdsOf({ paths, modes, oids }: Table): (ObjectId | null)[] {
  const unpacked = unpackObjectIds(Buffer.from(oids, "base64"));
  if (unpacked.length !== paths.length || modes.length !== paths.length) {
    throw new Error("The number of object IDs or modes differs from the number of paths.");
  }
  return unpacked;
}

// Nearly every path of a project is the same on the branch as in the base, so only the difference is stored.
function encodeDifference(
  map: ReadonlyMap<string, RemoteEntry | null>,
  from: ReadonlyMap<string, RemoteEntry | null>,
): Difference {
  const absent = [...from.keys()].filter((path) => !map.has(path)).sort();
  const other = sorted(map).filter(([path, entry]) => !isSame(entry, from.get(path)));
  return { absent, other: encodeTable(other) };
}

function decodeDifference(
  { absent, other }: Difference,
  from: ReadonlyMap<string, RemoteEntry | null>,
): Map<string, RemoteEntry | null> {
  const decoded = new Map<string, RemoteEntry | null>();
  for (const [path, entry] of from) decoded.set(path, entry && { mode: entry.mode, oid: entry.oid });
  for (const path of absent) decoded.delete(path);
  const oids = objectIdsOf(other);
  for (const [row, path] of other.paths.entries()) {
    const mode = other.modes[row] ?? null;
    const oid = oids[row] ?? null;
    decoded.set(path, mode === null || oid === null ? null : { mode, oid });
  }
  return decoded;
}

function isSame(entry: RemoteEntry | null, other: RemoteEntry | null | undefined): boolean {
  if (entry === null || other === null || other === undefined) return entry === other;
  return entry.mode === other.mode && entry.oid === other.oid;
}

function encodeContents(contents: ReadonlyMap<ObjectId, Uint8Array>): Contents {
  const rows = sorted(contents);
  return {
    oids: packObjectIds(rows.map(([oid]) => oid)).toString("base64"),
    bytes: rows.map(([, bytes]) => Buffer.from(bytes).toString("base64")),
  };
}

function decodeContents({ oids, bytes }: Contents): Map<ObjectId, Uint8Array> {
  const unpacked = unpackObjectIds(Buffer.from(oids, "base64"));
  if (unpacked.length !== bytes.length)
    throw new Error("The number of contents differs from the number of object IDs.");
  return new Map(
    bytes.map((text, row) => [present(unpacked[row] ?? null), Uint8Array.from(Buffer.from(text, "base64"))]),
  );
}

function seal(mark: Buffer, value: unknown): Uint8Array {
  return Uint8Array.from(Buffer.concat([mark, deflateSync(JSON.stringify(value), COMPRESSION)]));
}

/** Returns the value. zlib verifies its checksum. */
function unseal(mark: Buffer, bytes: Uint8Array): unknown {
  if (!mark.equals(bytes.subarray(0, mark.length)))
    throw new Error(`The data does not begin with ${mark.toString("latin1")}.`);
  return JSON.parse(inflateSync(bytes.subarray(mark.length)).toString("utf8"));
}

function reading<Result>(what: string, read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    throw new GitHubSdkError(
      "store_failed",
      `The stored ${what} cannot be decoded: it is damaged, or a newer version of the SDK wrote it. Restore it from a backup, or delete it: the next sync then compares the project with the branch as a first sync does.`,
      { cause },
    );
  }
}

function sorted<Value>(map: ReadonlyMap<string, Value>): [string, Value][] {
  return [...map].sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
}

function mapValues<Value, Result>(map: ReadonlyMap<string, Value>, change: (value: Value) => Result) {
  return new Map([...map].map(([key, value]) => [key, change(value)]));
}

function present<Value>(value: Value | null): Value {
  if (value === null) throw new Error("An entry has no object ID or no mode.");
  return value;
}

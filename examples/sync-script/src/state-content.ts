import { decodeSyncRecord, encodeSyncRecord, type SyncRecord } from "@infrajet/github/adapters";

/** The encoded baseline and staged change of one target. */
export interface RememberedBaseline {
  readonly leaseToken: number;
  readonly baseline: Uint8Array | null;
  readonly staged: Uint8Array | null;
}

/** The content of a state file. */
export interface StateContent {
  readonly records: Map<number, SyncRecord>;
  /** By `syncTargetText`. */
  readonly baselines: Map<string, RememberedBaseline>;
  /** The last token of each lease, by name. */
  readonly leaseTokens: Map<string, number>;
}

const VERSION = 1;

/** Returns the content of a new state file. */
export function emptyState(): StateContent {
  return { records: new Map(), baselines: new Map(), leaseTokens: new Map() };
}

/** Returns the text of a state file. */
export function formatState({ records, baselines, leaseTokens }: StateContent): string {
  const encoded = {
    version: VERSION,
    records: [...records.values()].map(encodeSyncRecord),
    baselines: [...baselines].map(([key, { leaseToken, baseline, staged }]) => ({
      key,
      leaseToken,
      baseline: toBase64(baseline),
      staged: toBase64(staged),
    })),
    leaseTokens: Object.fromEntries(leaseTokens),
  };
  return `${JSON.stringify(encoded, null, 1)}\n`;
}

/** The content of a state file. @throws Error when it is damaged, of another version or no state file at all. */
export function parseState(text: string): StateContent {
  const { version, records, baselines, leaseTokens } = object(JSON.parse(text));
  if (version !== VERSION) throw new Error(`the version is not ${VERSION}`);
  return {
    records: new Map(array(records).map((item) => byId(decodeSyncRecord(item)))),
    baselines: new Map(array(baselines).map((item) => byKey(object(item)))),
    leaseTokens: new Map(Object.entries(object(leaseTokens)).map(([name, token]) => [name, integer(token)])),
  };
}

function byId(record: SyncRecord): [number, SyncRecord] {
  return [record.id, record];
}

function byKey({ key, leaseToken, baseline, staged }: Readonly<Record<string, unknown>>): [string, RememberedBaseline] {
  if (typeof key !== "string") throw new Error("a baseline has no key");
  return [key, { leaseToken: integer(leaseToken), baseline: fromBase64(baseline), staged: fromBase64(staged) }];
}

function toBase64(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString("base64");
}

function fromBase64(value: unknown): Uint8Array | null {
  if (value === null) return null;
  if (typeof value !== "string") throw new Error("A baseline is not a string.");
  return Uint8Array.from(Buffer.from(value, "base64"));
}

function object(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("An object is missing.");
  return { ...value };
}

function array(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error("a list is missing");
  return value;
}

function integer(value: unknown): number {
  if (!Number.isSafeInteger(value)) throw new Error("an integer is missing");
  return Number(value);
}

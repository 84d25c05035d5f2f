/** A row of the table: a project and its changes. */
export interface Row {
  readonly name: string;
  /** Text files of about `bytes` each. */
  readonly texts: number;
  readonly binaries: number;
  readonly bytes: number;
  /** `first`: all files are new. A number: all files are on the branch, and that many have changed since. */
  readonly changed: "first" | number;
}

const text = { binaries: 0, bytes: 2_000 };

/** The rows of the table. */
export const ROWS: readonly Row[] = [
  { name: "first sync, 10 files", texts: 10, ...text, changed: "first" },
  { name: "first sync, 200 files", texts: 200, ...text, changed: "first" },
  { name: "first sync, 200 files, 50 of them binaries", texts: 150, binaries: 50, bytes: 2_000, changed: "first" },
  { name: "first sync, 1,000 files", texts: 1_000, ...text, changed: "first" },
  { name: "first sync, 10,000 files", texts: 10_000, ...text, changed: "first" },
  { name: "5 changed of 1,000", texts: 1_000, ...text, changed: 5 },
  { name: "5 changed of 10,000", texts: 10_000, ...text, changed: 5 },
  { name: "5 changed of 10,000 files of 20 KB", texts: 10_000, binaries: 0, bytes: 20_000, changed: 5 },
  { name: "nothing changed of 1,000", texts: 1_000, ...text, changed: 0 },
];

/** Rows that show how time and memory of this SDK grow with the number of files. */
export const SCALING: readonly Row[] = [1_000, 10_000, 50_000].map((texts) => ({
  name: `first sync, ${texts.toLocaleString("en")} files of 20 KB`,
  texts,
  binaries: 0,
  bytes: 20_000,
  changed: "first",
}));

import type { Measurement } from "./measure.js";
import type { Overhead } from "./overhead/measure-overhead.js";

const COLUMNS: readonly (readonly [string, (it: Measurement) => string])[] = [
  ["", ({ contender }) => contender],
  ["requests", ({ requests }) => String(requests)],
  ["content-creating", ({ contentCreating }) => String(contentCreating)],
  ["commits", ({ commits }) => String(commits)],
  ["up", ({ bytesUp }) => bytes(bytesUp)],
  ["down", ({ bytesDown }) => bytes(bytesDown)],
  ["files read", ({ filesRead }) => (filesRead === null ? "" : String(filesRead))],
  ["seconds", ({ seconds }) => seconds.toFixed(2)],
  ["peak memory", ({ peakMegabytes }) => `${Math.round(peakMegabytes)} MB`],
];

/** Returns a Markdown table for each row of the benchmark. */
export function tables(measurements: readonly Measurement[]): string {
  const rows = [...new Set(measurements.map(({ row }) => row))];
  const own = (name: string): readonly Measurement[] => measurements.filter(({ row }) => row === name);
  return rows.map((name) => `### ${name}\n\n${table(own(name))}`).join("\n\n");
}

function table(measurements: readonly Measurement[]): string {
  const head = COLUMNS.map(([name]) => name);
  const rows = measurements.map((measurement) => COLUMNS.map(([, text]) => text(measurement)));
  return markdown(head, rows);
}

function bytes(count: number): string {
  if (count < 1_000_000) return `${(count / 1_000).toFixed(1)} kB`;
  return `${(count / 1_000_000).toFixed(1)} MB`;
}

/** Returns a Markdown table of the mounted endpoints and the handwritten handlers. */
export function overheadTable(overheads: readonly Overhead[]): string {
  const rows = overheads.map(({ framework, mounted, byHand, ratio, workRatio }) => [
    framework,
    ...[mounted, byHand].map(({ perSecond }) => String(Math.round(perSecond))),
    ratio.toFixed(2),
    ...[mounted, byHand].map(({ work }) => `${Math.round(work)} µs`),
    workRatio.toFixed(2),
  ]);
  const head = [
    "",
    "mounted, requests/s",
    "handwritten, requests/s",
    "ratio",
    "mounted, CPU",
    "handwritten, CPU",
    "ratio",
  ];
  return markdown(head, rows);
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = head.map((_, index) => (index === 0 ? "---" : "---:"));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

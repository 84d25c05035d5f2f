import { expect, it } from "vitest";
import { progressBar } from "../src/progress-bar.js";

const PROGRESS = {
  syncId: 1,
  userId: "1",
  projectId: "p",
  repository: "acme/infra",
  branch: "main",
  phase: "reading",
  percentage: 50,
  currentFile: "modules/network/main.tf",
  filesCompleted: 12,
  totalFiles: 24,
  estimatedCompletion: null,
} as const;

function terminal(isTTY: boolean, columns: number) {
  const written: string[] = [];
  const stream = {
    isTTY,
    columns,
    write: (text: string | Uint8Array) => {
      written.push(String(text));
      return true;
    },
  };
  return { written, stream };
}

it("draws over its own line, never wider than the terminal, and leaves it empty", () => {
  const { written, stream } = terminal(true, 42);
  const bar = progressBar(stream);
  bar.show(PROGRESS);
  bar.clear();
  bar.clear();
  expect(written).toEqual([`\r\x1b[2K${"█".repeat(12)}${"░".repeat(12)}  50 %  reading 1`, "\r\x1b[2K"]);
});

it("tells the phase and the file where there is room", () => {
  const { written, stream } = terminal(true, 120);
  progressBar(stream).show({ ...PROGRESS, percentage: 100 });
  expect(written[0]).toBe(`\r\x1b[2K${"█".repeat(24)} 100 %  reading 12 of 24  modules/network/main.tf`);
});

it("writes nothing where there is no terminal", () => {
  const { written, stream } = terminal(false, 80);
  const bar = progressBar(stream);
  bar.show(PROGRESS);
  bar.clear();
  expect(written).toEqual([]);
});

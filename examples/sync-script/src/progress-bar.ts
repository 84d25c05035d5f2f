import type { WriteStream } from "node:tty";
import type { SyncProgress } from "@infrajet/github";

/** Shows how far a sync has come. */
export interface ProgressBar {
  show(progress: SyncProgress): void;
  /** Takes the bar away, so that other lines can be written. */
  clear(): void;
}

const WIDTH = 24;

/** A bar on the terminal's current line. Where there is no terminal nothing is shown. */
export function progressBar(stream: Pick<WriteStream, "isTTY" | "columns" | "write">): ProgressBar {
  if (!stream.isTTY) return { show() {}, clear() {} };
  let shown = false;
  return {
    show: (progress) => {
      // The last column stays free: a full line would begin the next one.
      const line = barLine(progress).slice(0, Math.max(0, (stream.columns || 80) - 1));
      stream.write(`\r\x1b[2K${line}`);
      shown = true;
    },
    clear: () => {
      if (shown) stream.write("\r\x1b[2K");
      shown = false;
    },
  };
}

/** Such as `████████░░░░░░░░  50 %  reading 12 of 24  modules/network/main.tf`. */
function barLine({ percentage, phase, filesCompleted, totalFiles, currentFile }: SyncProgress): string {
  const full = Math.round((WIDTH * percentage) / 100);
  const bar = "█".repeat(full) + "░".repeat(WIDTH - full);
  const count = totalFiles > 1 ? ` ${filesCompleted} of ${totalFiles}` : "";
  const file = currentFile === null ? "" : `  ${currentFile}`;
  return `${bar} ${String(percentage).padStart(3)} %  ${phase}${count}${file}`;
}

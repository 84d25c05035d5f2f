// One contender in a process of its own, so that its memory is its own. Told what to do by messages of the process that measures.
import { readFile } from "node:fs/promises";
import process from "node:process";
import type { Contender, SourceCost, Task } from "./contender.js";
import { CONTENDERS, type ContenderName } from "./contenders.js";

/** What the measuring process asks for. */
export type RunnerOrder =
  | { readonly do: "prepare"; readonly contender: ContenderName; readonly task: Task }
  | { readonly do: "sync"; readonly task: Task; readonly changed: readonly string[] }
  | { readonly do: "end" };

/** What it is told when that is done. */
export type RunnerAnswer =
  | { readonly done: "prepare" | "end" }
  | ({ readonly done: "sync"; readonly seconds: number; readonly peakMegabytes: number } & SourceCost)
  | { readonly failed: string };

let contender: Contender | undefined;

process.on("message", (order: RunnerOrder) => {
  carryOut(order).then(answer, (error: unknown) => answer({ failed: String(error) }));
});

async function carryOut(order: RunnerOrder): Promise<RunnerAnswer> {
  if (order.do === "prepare") {
    contender = await CONTENDERS[order.contender]();
    await contender.prepare(order.task);
    return { done: "prepare" };
  }
  if (contender === undefined) throw new Error("There is no contender yet");
  if (order.do === "end") {
    await contender.close();
    return { done: "end" };
  }
  const began = performance.now();
  const cost = await contender.sync(order.task, order.changed);
  const seconds = (performance.now() - began) / 1_000;
  return { done: "sync", seconds, peakMegabytes: (await peakKilobytes()) / 1_024, ...cost };
}

/**
 * The most memory that was ever resident. Linux lets `maxRSS` begin with that of the process which forked this one, whose
 * repositories are none of the contender's.
 *
 * @see https://man7.org/linux/man-pages/man5/proc_pid_status.5.html
 */
async function peakKilobytes(): Promise<number> {
  if (process.platform !== "linux") return process.resourceUsage().maxRSS;
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(await readFile("/proc/self/status", "utf8")) ?? [];
  return Number(kilobytes);
}

function answer(message: RunnerAnswer): void {
  process.send?.(message);
  if ("done" in message && message.done === "end") process.disconnect();
}

// Runs one contender in its own process, so that its memory can be measured. Receives commands from the parent process.
import { readFile } from "node:fs/promises";
import process from "node:process";
import type { Contender, SourceCost, Task } from "./contender.js";
import { CONTENDERS, type ContenderName } from "./contenders.js";

/** A command of the parent process. */
export type RunnerCommand =
  | { readonly do: "prepare"; readonly contender: ContenderName; readonly task: Task }
  | { readonly do: "sync"; readonly task: Task; readonly changed: readonly string[] }
  | { readonly do: "end" };

/** The response to a command. */
export type RunnerResponse =
  | { readonly done: "prepare" | "end" }
  | ({ readonly done: "sync"; readonly seconds: number; readonly peakMegabytes: number } & SourceCost)
  | { readonly failed: string };

let contender: Contender | undefined;

process.on("message", (command: RunnerCommand) => {
  execute(command).then(respond, (error: unknown) => respond({ failed: String(error) }));
});

async function execute(command: RunnerCommand): Promise<RunnerResponse> {
  if (command.do === "prepare") {
    contender = await CONTENDERS[command.contender]();
    await contender.prepare(command.task);
    return { done: "prepare" };
  }
  if (contender === undefined) throw new Error("Send the command prepare first.");
  if (command.do === "end") {
    await contender.close();
    return { done: "end" };
  }
  const began = performance.now();
  const cost = await contender.sync(command.task, command.changed);
  const seconds = (performance.now() - began) / 1_000;
  return { done: "sync", seconds, peakMegabytes: (await peakKilobytes()) / 1_024, ...cost };
}

/**
 * Returns the peak resident memory. On Linux, `maxRSS` includes the memory of the process that forked this one.
 *
 * @see https://man7.org/linux/man-pages/man5/proc_pid_status.5.html
 */
async function peakKilobytes(): Promise<number> {
  if (process.platform !== "linux") return process.resourceUsage().maxRSS;
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(await readFile("/proc/self/status", "utf8")) ?? [];
  return Number(kilobytes);
}

function respond(message: RunnerResponse): void {
  process.send?.(message);
  if ("done" in message && message.done === "end") process.disconnect();
}

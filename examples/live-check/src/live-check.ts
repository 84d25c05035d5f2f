import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Arguments } from "./arguments.js";
import { ALL_PARTS, type BoxParts, type OpenService, openBox } from "./box-service.js";
import { cleanUp } from "./clean-up.js";
import { type Environment, openGitHub, partsOf } from "./github-service.js";
import { readRecording, writeRecording } from "./recording.js";
import { createRepository } from "./repositories.js";
import { type Reference, runStep, type StepResult } from "./run-check.js";
import { STEPS } from "./steps.js";
import { Target } from "./target.js";

/** The surroundings of a check. */
export interface CheckSettings {
  readonly env: Environment;
  /** Aborted by Ctrl-C. What was created is removed all the same. */
  readonly signal: AbortSignal;
  /** Prints a line. */
  readonly say: (line: string) => void;
  /** Asks a question and resolves with true for yes. */
  readonly confirm: (question: string) => Promise<boolean>;
}

/** Runs a check. Returns the exit code: 0 the same, 1 something differs, 2 not run. @throws UsageError */
export async function liveCheck(asked: Arguments, settings: CheckSettings): Promise<number> {
  const services: OpenService[] = [];
  try {
    const reference = await openReference(asked, settings);
    if (reference.service !== null) services.push(reference.service);
    const box = await openBox(reference.parts);
    services.push(box);
    const name = `infrajet-live-check-${randomBytes(4).toString("hex")}`;
    if (
      reference.service !== null &&
      asked.against.kind === "github" &&
      !(await isAllowed(asked, reference.service, name, settings))
    )
      return 2;
    return await checkWith(asked, settings, name, reference, box);
  } finally {
    for (const { close } of services) await close();
  }
}

interface OpenReference {
  /** `null` for a recording. */
  readonly service: OpenService | null;
  readonly recorded: Reference | null;
  readonly parts: BoxParts;
}

async function openReference({ against, ...asked }: Arguments, { env, say }: CheckSettings): Promise<OpenReference> {
  if (against.kind === "recording") {
    const { exchanges } = await readRecording(against.file);
    return { service: null, recorded: { kind: "recording", exchanges }, parts: ALL_PARTS };
  }
  const service = against.kind === "box" ? await openBox(ALL_PARTS) : await openGitHub(env, { against, ...asked }, say);
  return { service, recorded: null, parts: against.kind === "box" ? ALL_PARTS : partsOf(service) };
}

/** Prints the price of a check and asks for consent. */
async function isAllowed({ yes }: Arguments, { service }: OpenService, name: string, { say, confirm }: CheckSettings) {
  say("The check sends about 300 requests to GitHub; about 150 of them create content. It takes about five minutes.");
  if (yes) return true;
  return confirm(
    `This creates and deletes the private repository ${service.owner}/${name} and others whose names begin like it. Continue? [y/N] `,
  );
}

async function checkWith(
  asked: Arguments,
  { say, signal }: CheckSettings,
  name: string,
  { service, recorded }: OpenReference,
  box: OpenService,
): Promise<number> {
  const target = service === null ? null : targetOf(service, name, signal);
  const boxTarget = targetOf(box, name, signal);
  const reference: Reference =
    target === null ? (recorded ?? { kind: "recording", exchanges: [] }) : { kind: "target", target };
  const results: StepResult[] = [];
  try {
    for (const prepared of [target, boxTarget]) if (prepared !== null) await createRepository(prepared, null, true);
    for (const step of STEPS) {
      if (signal.aborted || (asked.only !== null && !asked.only.has(step.number))) continue;
      const skipped =
        step.skip?.(box.service, asked) ?? (service === null ? null : step.skip?.(service.service, asked)) ?? null;
      const result =
        skipped === null
          ? await runStep(step, reference, boxTarget)
          : { number: step.number, title: step.title, differences: [], settled: new Map<string, string>(), skipped };
      results.push(result);
      for (const line of linesOf(result)) say(line);
    }
  } finally {
    if (service !== null && target !== null && !asked.keep) await removeRepositories(service, target, say);
  }
  if (signal.aborted) return 2;
  if (target !== null && service !== null) await save(asked, results, target, service, say);
  for (const line of table(results)) say(line);
  return results.some(({ differences }) => differences.length > 0) ? 1 : 0;
}

/** Removes the repositories, also after an interruption. */
async function removeRepositories(service: OpenService, { repository, created }: Target, say: (line: string) => void) {
  const left = await cleanUp(targetOf(service, repository, new AbortController().signal), created);
  say(`16 clean-up: ${created.size - left.length} of ${created.size} repositories are deleted`);
  for (const command of left) say(`   Not deleted. Run: ${command}`);
}

function targetOf({ service, texts }: OpenService, name: string, signal: AbortSignal): Target {
  const names = new Map([...texts.names, [name, "<repository>"]]);
  return new Target(service, name, { secrets: texts.secrets, names }, signal);
}

async function save(
  { output }: Arguments,
  results: readonly StepResult[],
  { exchanges, service: { apiUrl } }: Target,
  { texts }: OpenService,
  say: (line: string) => void,
): Promise<void> {
  const date = new Date().toISOString();
  const file = join(output, `live-check-${date.replaceAll(":", "-")}.json`);
  const settled = Object.fromEntries(results.flatMap((result) => [...result.settled]));
  const isLocal = [...texts.names.keys()].some((name) => apiUrl.includes(name));
  await writeRecording(file, { date, apiUrl: isLocal ? "<server>" : apiUrl, exchanges, settled }, texts);
  say(`Recorded: ${file}`);
}

function linesOf({ number, title, differences, settled, skipped }: StepResult): string[] {
  const head = `${String(number).padStart(2)} ${title}`;
  if (skipped !== null) return [`${head}: skipped, ${skipped}`];
  const answers = [...settled].map(([question, answer]) => `   settled: ${question}: ${answer}`);
  if (differences.length === 0) return [`${head}: same`, ...answers];
  return [...differences.map((difference) => `${head}: differs: ${difference}`), ...answers];
}

function table(results: readonly StepResult[]): string[] {
  return [
    "",
    "step  result",
    ...results.map(({ number, title, differences, skipped }) => {
      const result =
        skipped !== null ? "skipped" : differences.length === 0 ? "same" : `${differences.length} differences`;
      return `${String(number).padStart(4)}  ${result.padEnd(16)} ${title}`;
    }),
  ];
}

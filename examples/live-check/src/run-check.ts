import { compareExchanges } from "./compare-exchanges.js";
import type { Exchange } from "./exchange.js";
import type { Step } from "./step.js";
import type { Target } from "./target.js";

/** The result of one step. */
export interface StepResult {
  readonly number: number;
  readonly title: string;
  /** Lines that begin with the label of an exchange. Empty when GitHub and the box are the same. */
  readonly differences: readonly string[];
  /** Answers to open questions, by question. */
  readonly settled: ReadonlyMap<string, string>;
  /** Why the step did not run; `null` when it did. */
  readonly skipped: string | null;
}

/** The other side of the comparison: a service that runs the same steps, or recorded exchanges. */
export type Reference =
  | { readonly kind: "target"; readonly target: Target }
  | { readonly kind: "recording"; readonly exchanges: readonly Exchange[] };

/** Runs a step against the reference and against the box, and compares the exchanges. */
export async function runStep(step: Step, reference: Reference, box: Target): Promise<StepResult> {
  const { number, title } = step;
  const recorded = reference.kind === "recording" ? ofStep(reference.exchanges, number) : [];
  if (reference.kind === "recording" && recorded.length === 0) {
    return { number, title, differences: [], settled: new Map(), skipped: "not in the recording" };
  }
  const failures = reference.kind === "target" ? await attempt(step, reference.target) : [];
  failures.push(...(await attempt(step, box)));
  const expected = reference.kind === "target" ? ofStep(reference.target.exchanges, number) : recorded;
  const differences = [...failures, ...compareExchanges(expected, ofStep(box.exchanges, number))];
  const settled = reference.kind === "target" ? reference.target.takeSettled() : new Map<string, string>();
  return { number, title, differences, settled, skipped: null };
}

function ofStep(exchanges: readonly Exchange[], number: number): Exchange[] {
  return exchanges.filter(({ step }) => step === number);
}

/** Runs a step. A failure is a difference, so that the other steps run too. */
async function attempt(step: Step, target: Target): Promise<string[]> {
  target.begin(step.number);
  try {
    await step.run(target);
    return [];
  } catch (error) {
    return [`${target.service.name}: ${error instanceof Error ? error.message : String(error)}`];
  }
}

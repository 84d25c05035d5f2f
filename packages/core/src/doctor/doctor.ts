import type { Logger } from "../logger.js";
import { abortable } from "../timing/abortable.js";
import { timeoutSignal } from "../timing/timeout-signal.js";
import { checkApp } from "./app-checks.js";
import type { DoctorServices } from "./doctor-services.js";
import type { DoctorFinding, DoctorReport } from "./finding.js";
import {
  checkConfiguration,
  checkConnections,
  checkReadiness,
  checkRecords,
  checkWebhooks,
  failedCheck,
} from "./host-checks.js";

const CHECK_TIMEOUT_MS = 15_000;
const TIMED_OUT = new Error("The check timed out.");

/** The checks by name. They run at the same time. */
const CHECKS: Readonly<
  Record<string, (services: DoctorServices, signal: AbortSignal) => DoctorFinding[] | Promise<DoctorFinding[]>>
> = {
  configuration: checkConfiguration,
  app: checkApp,
  connections: checkConnections,
  readiness: checkReadiness,
  records: checkRecords,
  webhooks: checkWebhooks,
};

/** Runs all checks, each for at most 15 seconds. Never rejects: a check that fails is a finding. */
export async function diagnose(services: DoctorServices, logger: Logger): Promise<DoctorReport> {
  const found = await Promise.all(
    Object.entries(CHECKS).map(async ([name, check]) => {
      const timeout = timeoutSignal(services.clock, CHECK_TIMEOUT_MS, TIMED_OUT);
      try {
        return await abortable([timeout.signal], async (signal) => check(services, signal));
      } catch (error) {
        logger.warn("A check of the doctor failed.", { check: name, error });
        return [failedCheck(name, error)];
      } finally {
        timeout.clear();
      }
    }),
  );
  const findings = found.flat().sort((left, right) => rank(left) - rank(right));
  const worst = findings[0]?.severity;
  return { status: worst === undefined ? "ok" : worst === "error" ? "errors" : "warnings", findings };
}

function rank({ severity }: DoctorFinding): number {
  return severity === "error" ? 0 : 1;
}

/** A fault of the configuration or the environment. */
export interface DoctorFinding {
  /** The stable name of the check, such as `app_permissions`. */
  readonly check: string;
  /** `error`: a feature does not work. `warning`: it works now, but not in every case. */
  readonly severity: "error" | "warning";
  /** One or two sentences for an operator. Never contains a secret. */
  readonly cause: string;
  /** The setting, command or page that fixes it. */
  readonly repair: string;
  /** The page that fixes it; `null` when there is none. */
  readonly url: string | null;
}

/** The result of all checks. */
export interface DoctorReport {
  /** The worst severity that was found. */
  readonly status: "ok" | "warnings" | "errors";
  /** Errors first. Empty when nothing is wrong. */
  readonly findings: readonly DoctorFinding[];
}

/** Creates a finding that makes a feature fail. */
export function fault(check: string, cause: string, repair: string, url: string | null = null): DoctorFinding {
  return { check, severity: "error", cause, repair, url };
}

/** Creates a finding that does not make a feature fail now. */
export function caution(check: string, cause: string, repair: string, url: string | null = null): DoctorFinding {
  return { check, severity: "warning", cause, repair, url };
}

import type { Clock } from "../adapters/clock.js";
import type { SecretDetector, SecretFinding } from "../adapters/secret-detector.js";
import { GitHubSdkError } from "../errors.js";
import { abortable } from "../timing/abortable.js";
import { timeoutSignal } from "../timing/timeout-signal.js";

const TIMEOUT_MS = 30_000;
const MAX_FINDINGS = 100;
const MAX_RULE_LENGTH = 100;

/** Limits the time and the findings of a host's own detector. */
export function boundedDetector(detector: SecretDetector, clock: Clock): SecretDetector {
  return {
    async find(file, { signal }) {
      const timeout = timeoutSignal(clock, TIMEOUT_MS, timeoutError(file.path), signal);
      try {
        const found = await abortable([timeout.signal], (inner) => detector.find(file, { signal: inner }));
        return found.slice(0, MAX_FINDINGS).map(bounded);
      } finally {
        timeout.clear();
      }
    },
  };
}

function bounded({ rule, line }: SecretFinding): SecretFinding {
  return {
    rule: rule.slice(0, MAX_RULE_LENGTH).replaceAll(/\p{Cc}/gu, " "),
    line: Number.isSafeInteger(line) && line > 0 ? line : 1,
  };
}

function timeoutError(path: string): GitHubSdkError {
  return new GitHubSdkError(
    "internal_error",
    `The option \`secretDetector\` did not search "${path}" within ${TIMEOUT_MS / 1000} seconds. See the host's log.`,
    { details: { path } },
  );
}

import type { GitHubDoctor } from "@infrajet/github-client";
import { useEffect } from "preact/hooks";
import { Icon } from "../parts/icon.js";
import { ErrorNote } from "../parts/notice.js";
import { type Checks, doctor, health, readiness } from "../state/health.js";

/** The state of the host, and the doctor's findings with their repairs. */
export function HealthView() {
  const load = (): void => {
    for (const state of [health, readiness, doctor]) void state.load();
  };
  useEffect(load, []);
  const isLoading = health.isLoading.value || readiness.isLoading.value || doctor.isLoading.value;
  return (
    <section class="card page" aria-busy={isLoading}>
      <header class="page-head">
        <h1>Health</h1>
        <button type="button" disabled={isLoading} onClick={load}>
          <Icon name="retry" /> {isLoading ? "Checking …" : "Check again"}
        </button>
      </header>
      <div class="columns">
        <CheckList title="Host" checks={readiness.data.value} />
        <CheckList title="GitHub App" checks={health.data.value} />
      </div>
      {health.error.value !== null && <ErrorNote error={health.error.value} />}
      {readiness.error.value !== null && <ErrorNote error={readiness.error.value} />}
      <h2>Doctor</h2>
      {doctor.error.value !== null && <ErrorNote error={doctor.error.value} />}
      <Findings found={doctor.data.value} />
    </section>
  );
}

/** Values that begin with ✗ or ✓ say whether a check passed. */
function CheckList({ title, checks }: { title: string; checks: Checks | null }) {
  return (
    <section>
      <h2>{title}</h2>
      <dl class="facts">
        {Object.entries(checks ?? {}).map(([name, value]) => (
          <div key={name} class={value.startsWith("✗") ? "is-bad" : ""}>
            <dt>{name.replaceAll("_", " ")}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Findings({ found }: { found: typeof doctor.data.value }) {
  if (found === null) return <p class="muted">Checking …</p>;
  if ("refused" in found) {
    return <p class="muted">Only operators of this host can read the findings. Operators run npm run doctor.</p>;
  }
  if (found.findings.length === 0) {
    return (
      <p class="notice is-good">
        <Icon name="check" /> No fault found.
      </p>
    );
  }
  return (
    <ul class="rows">
      {found.findings.map((finding) => (
        <Finding key={`${finding.check} ${finding.cause}`} finding={finding} />
      ))}
    </ul>
  );
}

function Finding({ finding: { check, severity, cause, repair, url } }: { finding: GitHubDoctor["findings"][number] }) {
  return (
    <li class={`finding is-${severity}`}>
      <p>
        <span class="badge">{severity}</span> <strong>{check}</strong>
      </p>
      <p>{cause}</p>
      <p class="repair">
        {repair}{" "}
        {url !== null && (
          <a href={url}>
            Open the page that repairs it <Icon name="external" size={13} />
          </a>
        )}
      </p>
    </li>
  );
}

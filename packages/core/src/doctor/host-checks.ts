import type { UnfinishedSync } from "../domain/sync-record.js";
import { isGitHubSdkError } from "../errors.js";
import type { DoctorServices, ExaminedConnections } from "./doctor-services.js";
import { caution, type DoctorFinding, fault } from "./finding.js";

const MAX_CONNECTIONS = 200;
const MAX_UNFINISHED = 200;
/** Recovery takes over a dead process's sync within two minutes. */
const STUCK_RUNNING_MS = 30 * 60_000;
const STUCK_PENDING_MS = 60 * 60_000;
const SLOW_WEBHOOK_MS = 5 * 60_000;

const REPAIRS: Readonly<Record<string, string>> = {
  store: "Check that the database runs and that DATABASE_URL is right.",
  migrations: "Apply the migrations: `npx infrajet-github-prisma migrate`.",
  source: "Check the credential, the name and the network of the source of project files.",
  queue: "Check that the queue's server runs and is reachable.",
};

/** Checks the addresses and the apps that are configured. */
export function checkConfiguration({ apiUrl, app, connections, isInMemory }: DoctorServices): DoctorFinding[] {
  const findings: DoctorFinding[] = [];
  if (new URL(apiUrl).protocol !== "https:" && !isLoopback(apiUrl)) {
    const cause = `The requests to ${apiUrl}, tokens included, are not encrypted.`;
    findings.push(fault("api_url", cause, "Set GITHUB_API_URL to an https:// URL."));
  }
  if (app === null && connections === null) {
    const cause = "Neither an OAuth App nor a GitHub App is configured: users cannot connect accounts.";
    findings.push(caution("credentials", cause, "Create an App with `npm run create-app`."));
  }
  if (isInMemory) {
    const cause = "The stores are in memory: a restart forgets connections and earlier syncs.";
    findings.push(caution("stores", cause, "Pass `stores`, such as those of @infrajet/github-prisma."));
  }
  return findings;
}

/** Checks the OAuth clients, the redirect URI and the stored tokens. */
export async function checkConnections({ connections }: DoctorServices): Promise<DoctorFinding[]> {
  if (connections === null) return [];
  return [...redirectUri(connections), ...(await clients(connections)), ...(await tokens(connections))];
}

function redirectUri({ redirectUri: uri }: ExaminedConnections): DoctorFinding[] {
  if (uri === null) {
    const cause = "No redirect URI is set: GitHub redirects to the first callback URL of the App.";
    return [caution("redirect_uri", cause, "Set GITHUB_REDIRECT_URI to the callback URL of this host.")];
  }
  if (new URL(uri).protocol === "https:" || isLoopback(uri)) return [];
  const cause = "The redirect URI is not https: the code and the login cookie travel unencrypted.";
  return [fault("redirect_uri", cause, "Set GITHUB_REDIRECT_URI to an https:// URL, here and in the App's settings.")];
}

async function clients(connections: ExaminedConnections): Promise<DoctorFinding[]> {
  const rejected = await connections.rejectedClients();
  return rejected.map((name) => {
    const variable = name === "oauth" ? "GITHUB_OAUTH_CLIENT_ID" : "GITHUB_CLIENT_ID";
    const cause = `GitHub rejects the client ID and secret of the ${name === "oauth" ? "OAuth App" : "GitHub App"}.`;
    return fault("oauth_client", cause, `Set ${variable} and its secret to the values of the app's settings page.`);
  });
}

async function tokens(connections: ExaminedConnections): Promise<DoctorFinding[]> {
  const { examined, failed } = await connections.examineTokens(MAX_CONNECTIONS);
  if (failed === 0) return [];
  const cause = `${failed} of ${examined} stored tokens cannot be decrypted: their key is missing or was changed.`;
  return [
    fault("encryption_keys", cause, "Add the former key to GITHUB_TOKEN_ENCRYPTION_KEYS, after the present one."),
  ];
}

/** Checks the database, its migrations, the source of project files and the queue. */
export async function checkReadiness({ readiness }: DoctorServices): Promise<DoctorFinding[]> {
  const { checks } = await readiness();
  return Object.entries(checks).flatMap(([name, check]) => {
    if (check === undefined || check.ok) return [];
    const repair = REPAIRS[name] ?? "Read the log: it has the reason.";
    return [
      fault(name, `The check of the ${name} failed: ${check.text.toLowerCase()}. The log has the reason.`, repair),
    ];
  });
}

/** Finds syncs that should have ended or begun long ago. */
export async function checkRecords({ records, clock, apiUrl }: DoctorServices): Promise<DoctorFinding[]> {
  const now = clock.now();
  const unfinished = (await records.unfinished(0, MAX_UNFINISHED)).filter(({ target }) => target.apiUrl === apiUrl);
  const age = ({ updatedAt, notBefore }: UnfinishedSync): number =>
    now - Math.max(updatedAt.getTime(), notBefore?.getTime() ?? 0);
  const running = unfinished.filter((sync) => sync.status === "in_progress" && age(sync) > STUCK_RUNNING_MS);
  const pending = unfinished.filter((sync) => sync.status === "pending" && age(sync) > STUCK_PENDING_MS);
  const list = (syncs: readonly UnfinishedSync[]): string =>
    syncs
      .slice(0, 5)
      .map(({ id }) => id)
      .join(", ");
  return [
    ...(running.length === 0
      ? []
      : [
          caution(
            "stuck_syncs",
            `${running.length} syncs have been in progress for more than 30 minutes: ${list(running)}.`,
            "Restart the process that runs them. Recovery then takes them over.",
          ),
        ]),
    ...(pending.length === 0
      ? []
      : [
          caution(
            "stuck_syncs",
            `${pending.length} syncs have been pending for more than an hour: ${list(pending)}.`,
            "Check that a process runs syncs, or cancel them with POST /sync/cancel.",
          ),
        ]),
  ];
}

/** Finds webhook deliveries whose handlers failed or are late. */
export async function checkWebhooks({ webhookHealth, clock }: DoctorServices): Promise<DoctorFinding[]> {
  const { waiting, oldestWaitingAt, failed } = await webhookHealth();
  const findings: DoctorFinding[] = [];
  if (failed > 0) {
    const cause = `The handlers of ${failed} webhook deliveries failed.`;
    findings.push(
      caution("webhook_handlers", cause, "Read `sdk.webhooks.failed()`, fix the handler, and `replay` them."),
    );
  }
  if (oldestWaitingAt !== null && clock.now() - oldestWaitingAt.getTime() > SLOW_WEBHOOK_MS) {
    const cause = `${waiting} webhook deliveries wait, the oldest for more than 5 minutes.`;
    findings.push(caution("webhook_handlers", cause, "Find the slow handler in the log."));
  }
  return findings;
}

/** Returns the finding for a check that could not be made. */
export function failedCheck(name: string, error: unknown): DoctorFinding {
  const message = isGitHubSdkError(error) ? error.message : "The check failed. The log has the reason.";
  return caution(name, message, "Fix the other findings first, then run the doctor again.");
}

function isLoopback(url: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(url).hostname);
}

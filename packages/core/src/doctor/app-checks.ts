import * as z from "zod";
import { isGitHubSdkError } from "../errors.js";
import type { DoctorServices, ExaminedApp } from "./doctor-services.js";
import { caution, type DoctorFinding, fault } from "./finding.js";

const appSchema = z.object({
  id: z.number(),
  slug: z.string(),
  client_id: z.string(),
  owner: z.object({ login: z.string(), type: z.string() }),
  permissions: z.record(z.string(), z.string()),
  events: z.array(z.string()),
});
type AppSettings = z.infer<typeof appSchema>;

const rateLimitSchema = z.object({
  resources: z.object({ core: z.object({ limit: z.number(), remaining: z.number() }) }),
});
const installationsSchema = z.array(
  z.object({
    id: z.number(),
    account: z.object({ login: z.string() }).nullable(),
    html_url: z.string(),
    permissions: z.record(z.string(), z.string()),
    suspended_at: z.string().nullish(),
  }),
);
type Installation = z.infer<typeof installationsSchema>[number];

const hookSchema = z.object({
  url: z.string().optional(),
  content_type: z.string().optional(),
  insecure_ssl: z.union([z.string(), z.number()]).optional(),
  secret: z.string().optional(),
});
const deliveriesSchema = z.array(z.object({ status_code: z.number(), status: z.string() }));

/** The events that the SDK handles and that an App has to subscribe to. */
const NEEDED_EVENTS = ["push", "repository", "organization"];
const MAX_SKEW_MS = 30_000;
const MAX_LISTED = 5;
const DELIVERIES = 20;

/** Checks the App's key, settings, installations, webhook and rate limit. */
export async function checkApp(services: DoctorServices, signal: AbortSignal): Promise<DoctorFinding[]> {
  const { app, clock } = services;
  if (app === null) return [];
  const response = await app.request("GET /app", {}, signal).catch((error: unknown) => error);
  const read = z.object({ headers: z.record(z.string(), z.unknown()), data: appSchema }).safeParse(response);
  if (!read.success) return [unreadable(response)];
  const { headers, data: settings } = read.data;
  const page = settingsPage(services.serverUrl, settings);
  return [
    ...identity(app, settings, page),
    ...clockSkew(clock.now(), headers.date),
    ...grants(app, settings, page),
    ...(await installations(app, settings, signal)),
    ...(await webhook(app, page, signal)),
  ];
}

function unreadable(error: unknown): DoctorFinding {
  if (isGitHubSdkError(error, "app_misconfigured") || isGitHubSdkError(error, "app_signing_failed")) {
    return fault("app_key", error.message, "Set GITHUB_APP_ID and GITHUB_PRIVATE_KEY to the values of one App.");
  }
  const message = isGitHubSdkError(error) ? error.message : "GitHub sent an unexpected response to GET /app.";
  return fault("github", message, "Check GITHUB_API_URL, the network and https://www.githubstatus.com.");
}

function settingsPage(serverUrl: string, { owner, slug }: AppSettings): string {
  const account = owner.type === "Organization" ? `organizations/${owner.login}/settings` : "settings";
  return `${serverUrl}/${account}/apps/${slug}`;
}

function identity({ appId, slug, clientId }: ExaminedApp, settings: AppSettings, page: string): DoctorFinding[] {
  const findings: DoctorFinding[] = [];
  if (settings.id !== appId) {
    const cause = "The private key belongs to a different GitHub App.";
    findings.push(fault("app_key", cause, `Generate a private key of the App ${appId}.`, page));
  }
  if (slug === null) {
    const repair = `Set GITHUB_APP_NAME=${settings.slug}.`;
    findings.push(caution("app_slug", "The App's slug is not set, so install links cannot be made.", repair));
  } else if (slug.toLowerCase() !== settings.slug.toLowerCase()) {
    const cause = `The App's slug is ${settings.slug}, not ${slug}: install links lead to another App.`;
    findings.push(fault("app_slug", cause, `Set GITHUB_APP_NAME=${settings.slug}.`));
  }
  if (clientId !== null && clientId !== settings.client_id) {
    const cause = "The client ID belongs to a different App, so that users cannot prove that they own an installation.";
    findings.push(fault("app_client", cause, `Set GITHUB_CLIENT_ID=${settings.client_id} and its secret.`, page));
  }
  return findings;
}

function clockSkew(now: number, date: unknown): DoctorFinding[] {
  const skew = typeof date === "string" ? Date.parse(date) - now : 0;
  if (Number.isNaN(skew) || Math.abs(skew) <= MAX_SKEW_MS) return [];
  const seconds = Math.round(Math.abs(skew) / 1_000);
  const cause = `The clock of this machine is ${seconds} s ${skew > 0 ? "behind" : "ahead of"} GitHub's.`;
  return [caution("clock", cause, "Synchronize the clock: `timedatectl set-ntp true`.")];
}

function grants(app: ExaminedApp, { permissions, events }: AppSettings, page: string): DoctorFinding[] {
  const missing = app.missingPermissions(permissions);
  const absent = NEEDED_EVENTS.filter((event) => !events.includes(event));
  const findings: DoctorFinding[] = [];
  if (missing.length > 0) {
    const cause = `The App does not request ${missing.join(", ")}. The features that need them fail.`;
    findings.push(caution("app_permissions", cause, "Add them in the App's settings.", `${page}/permissions`));
  }
  if (absent.length > 0) {
    const cause = `The App is not subscribed to ${absent.join(", ")}.`;
    findings.push(caution("app_events", cause, "Subscribe to them in the App's settings.", `${page}/permissions`));
  }
  return findings;
}

/** Finds installations on the first page that are suspended, have not accepted the App's permissions, or have used up their requests. */
async function installations(
  app: ExaminedApp,
  { permissions }: AppSettings,
  signal: AbortSignal,
): Promise<DoctorFinding[]> {
  const { data } = await app.request("GET /app/installations", { per_page: 100 }, signal);
  const found = installationsSchema.safeParse(data).data ?? [];
  const requested = app.missingPermissions(permissions);
  const findings = found.flatMap((installation) => grantsOf(app, requested, installation));
  const active = found.filter(({ suspended_at }) => !suspended_at).slice(0, MAX_LISTED);
  const budgets = await Promise.all(active.map((installation) => budget(app, installation, signal)));
  return [...findings.slice(0, MAX_LISTED), ...budgets.flat()];
}

function grantsOf(
  app: ExaminedApp,
  requested: readonly string[],
  { account, html_url, permissions, suspended_at }: Installation,
): DoctorFinding[] {
  const login = account?.login ?? "a deleted account";
  if (suspended_at) {
    return [
      caution("installation", `The installation of ${login} is suspended.`, "Its owner unsuspends it.", html_url),
    ];
  }
  const missing = app.missingPermissions(permissions).filter((permission) => !requested.includes(permission));
  if (missing.length === 0) return [];
  const cause = `The installation of ${login} has not accepted ${missing.join(", ")}.`;
  return [caution("installation", cause, "Its owner accepts the new permissions.", html_url)];
}

/** Reads the limit of an installation. GitHub does not count this request. */
async function budget(
  app: ExaminedApp,
  { id, account, html_url }: Installation,
  signal: AbortSignal,
): Promise<DoctorFinding[]> {
  const login = account?.login ?? String(id);
  try {
    const { data } = await app.requestAs(id, "GET /rate_limit", {}, signal);
    const { limit, remaining } = rateLimitSchema.parse(data).resources.core;
    if (remaining >= limit / 10) return [];
    const cause = `${remaining} of ${limit} requests of the installation of ${login} are left in this hour.`;
    return [caution("rate_limit", cause, "Find the frequent requests in the log, and start fewer syncs.")];
  } catch (error) {
    if (!isGitHubSdkError(error)) throw error;
    const cause = `The App cannot act as the installation of ${login}: ${error.message}`;
    return [fault("installation", cause, "Check the installation's settings.", html_url)];
  }
}

async function webhook(app: ExaminedApp, page: string, signal: AbortSignal): Promise<DoctorFinding[]> {
  const { data } = await app.request("GET /app/hook/config", {}, signal);
  const { url, content_type, insecure_ssl, secret } = hookSchema.safeParse(data).data ?? {};
  if (url === undefined || url === "") {
    return [caution("webhook", "The App has no webhook URL: changes on GitHub are noticed late.", "Set it.", page)];
  }
  const findings: DoctorFinding[] = [];
  if (content_type !== "json") {
    findings.push(fault("webhook", "The webhook's content type is not application/json.", "Set it.", page));
  }
  if (String(insecure_ssl ?? "0") !== "0") {
    findings.push(
      caution("webhook", "The webhook's TLS certificate is not verified.", "Enable SSL verification.", page),
    );
  }
  if (app.webhookSecrets === 0 && !app.allowUnsignedWebhooks) {
    const cause = "No webhook secret is set here: every delivery is rejected with 401.";
    findings.push(fault("webhook_secret", cause, "Set GITHUB_WEBHOOK_SECRET to the secret of the App.", page));
  } else if (secret === undefined && app.webhookSecrets > 0) {
    const cause = "The App's webhook has no secret on GitHub: every delivery is rejected with 401.";
    findings.push(fault("webhook_secret", cause, "Set the secret in the App's settings.", page));
  }
  return findings.length > 0 ? findings : deliveries(app, page, signal);
}

/** Reads the responses to the latest deliveries. */
async function deliveries(app: ExaminedApp, page: string, signal: AbortSignal): Promise<DoctorFinding[]> {
  const { data } = await app.request("GET /app/hook/deliveries", { per_page: DELIVERIES }, signal);
  const latest = deliveriesSchema.safeParse(data).data ?? [];
  const [last] = latest;
  if (last === undefined || (last.status_code >= 200 && last.status_code < 300)) return [];
  const log = `${page}/advanced`;
  if (last.status_code === 401) {
    const cause = "The last webhook delivery was rejected with 401: the secret differs, or a proxy changes the body.";
    return [fault("webhook_secret", cause, "Set GITHUB_WEBHOOK_SECRET to the secret of the App.", log)];
  }
  const cause = `The last webhook delivery failed: ${last.status} (status ${last.status_code}).`;
  return [fault("webhook_delivery", cause, "Check that the webhook URL reaches this host.", log)];
}

import type { AppEngine } from "./app/app-engine.js";
import { missingPermissions } from "./app/app-permissions.js";
import type { ConnectionEngine } from "./connections/connection-engine.js";
import { diagnose } from "./doctor/doctor.js";
import type { ExaminedApp, ExaminedConnections } from "./doctor/doctor-services.js";
import type { DoctorReport } from "./doctor/finding.js";
import type { GitHubClients } from "./github/github-clients.js";
import { MemorySyncRecordStore } from "./memory/memory-sync-record-store.js";
import type { ResolvedOptions } from "./options.js";
import type { Readiness } from "./readiness.js";
import type { Webhooks } from "./webhooks/webhooks.js";

/** The parts of the SDK that the doctor examines. */
export interface ExaminedParts {
  readonly options: ResolvedOptions;
  readonly app: AppEngine | null;
  readonly connections: ConnectionEngine | null;
  readonly webhooks: Webhooks;
  readonly clients: GitHubClients;
  readonly ready: () => Promise<Readiness>;
}

/** Checks the configuration and the environment of an SDK. Never rejects. */
export function diagnoseSdk({
  options,
  app,
  connections,
  webhooks,
  clients,
  ready,
}: ExaminedParts): Promise<DoctorReport> {
  const { apiUrl, serverUrl, clock, stores, logger } = options;
  return diagnose(
    {
      ...{ apiUrl, serverUrl, clock },
      records: stores.records,
      isInMemory: stores.records instanceof MemorySyncRecordStore,
      app: examinedApp(options, app, clients),
      connections: examinedConnections(connections),
      readiness: ready,
      webhookHealth: () => webhooks.health(),
    },
    logger,
  );
}

function examinedApp(
  { app: settings, connections }: ResolvedOptions,
  app: AppEngine | null,
  clients: GitHubClients,
): ExaminedApp | null {
  if (settings === null || app === null) return null;
  return {
    appId: settings.appId,
    slug: settings.slug,
    clientId: connections?.clients.app?.clientId ?? null,
    webhookSecrets: settings.webhookSecrets.length,
    allowUnsignedWebhooks: settings.allowUnsignedWebhooks,
    request: (route, parameters, signal) => app.request(route, parameters, signal),
    requestAs: (installationId, route, parameters, signal) => {
      const credential = app.unchecked.credential({ installationId, permissions: { metadata: "read" } });
      return clients.for(credential).request(route, parameters, { signal });
    },
    missingPermissions,
  };
}

function examinedConnections(connections: ConnectionEngine | null): ExaminedConnections | null {
  if (connections === null) return null;
  return {
    redirectUri: connections.redirectUri,
    rejectedClients: () => connections.rejectedClients(),
    examineTokens: (limit) => connections.examineTokens(limit),
  };
}

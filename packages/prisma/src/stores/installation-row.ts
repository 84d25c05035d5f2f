import { randomUUID } from "node:crypto";
import type { Installation, InstallationKey } from "@infrajet/github/adapters";
import * as z from "zod";
import type { InstallationRow } from "../client.js";
import { storeKey } from "../store-key.js";
import { parseStored, parseStoredJson } from "../stored-json.js";

const installationSchema = z.object({
  apiUrl: z.string(),
  installationId: z.int(),
  appId: z.int(),
  account: z.object({ id: z.int(), login: z.string(), type: z.enum(["User", "Organization"]) }),
  repositorySelection: z.enum(["all", "selected"]),
  permissions: z.record(z.string(), z.string()),
  events: z.array(z.string()),
  suspendedAt: z.date().nullable(),
  createdAt: z.date(),
  updatedAt: z.date(),
}) satisfies z.ZodType<Installation>;

/** Returns the key of an installation. */
export function installationKey({ apiUrl, installationId }: InstallationKey): string {
  return storeKey(apiUrl, installationId);
}

/** Encodes an installation as a new row, without withdrawn bindings. */
export function installationRow(installation: Installation, readAt: Date): InstallationRow {
  const { apiUrl, installationId, appId, account, repositorySelection, permissions, events } = installation;
  const { suspendedAt, createdAt, updatedAt } = installation;
  return {
    ...{ key: installationKey(installation), apiUrl, installationId: BigInt(installationId), gone: false },
    ...{ appId: BigInt(appId), accountId: BigInt(account.id), accountLogin: account.login, accountType: account.type },
    ...{ repositorySelection, permissions: JSON.stringify(permissions), events: JSON.stringify(events) },
    ...{ suspendedAt, createdAt, updatedAt, readAt, withdrawnAt: null, revision: randomUUID() },
  };
}

/** Returns the row of a removed installation. */
export function goneRow(key: InstallationKey, readAt: Date): InstallationRow {
  return {
    ...{ key: installationKey(key), apiUrl: key.apiUrl, installationId: BigInt(key.installationId), gone: true },
    ...{ appId: null, accountId: null, accountLogin: null, accountType: null },
    ...{ repositorySelection: null, permissions: null, events: null },
    ...{ suspendedAt: null, createdAt: null, updatedAt: null, readAt, withdrawnAt: null, revision: randomUUID() },
  };
}

/** Decodes an installation. @throws GitHubSdkError `store_failed` when the row is damaged or of a newer version */
export function installationOf(row: InstallationRow): Installation {
  return parseStored("installation", installationSchema, {
    ...row,
    installationId: Number(row.installationId),
    appId: Number(row.appId),
    account: { id: Number(row.accountId), login: row.accountLogin, type: row.accountType },
    permissions: parseStoredJson("installation", row.permissions ?? "null"),
    events: parseStoredJson("installation", row.events ?? "null"),
  });
}

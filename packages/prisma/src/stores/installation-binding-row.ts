import type { InstallationBinding, InstallationKey } from "@infrajet/github/adapters";
import * as z from "zod";
import type { InstallationBindingRow } from "../client.js";
import { storeKey } from "../store-key.js";
import { parseStored } from "../stored-json.js";
import { installationKey } from "./installation-row.js";

const proofSchema = z.enum(["user_token", "webhook_sender"]);

/** Returns the key of a user's binding to an installation. */
export function bindingKey({ apiUrl, installationId }: InstallationKey, userId: string): string {
  return storeKey(apiUrl, installationId, userId);
}

/** Returns the key that all bindings of a user on one GitHub API share. */
export function bindingUserKey(apiUrl: string, userId: string): string {
  return storeKey(apiUrl, userId);
}

/** Encodes a binding as a row. */
export function bindingRow(binding: InstallationBinding): InstallationBindingRow {
  const { apiUrl, installationId, userId, githubUserId, proof, provenAt } = binding;
  return {
    key: bindingKey(binding, userId),
    installationKey: installationKey(binding),
    userKey: bindingUserKey(apiUrl, userId),
    ...{ apiUrl, installationId: BigInt(installationId), userId, githubUserId: BigInt(githubUserId), proof },
    provenAt: new Date(provenAt),
  };
}

/** Decodes a binding. @throws GitHubSdkError `store_failed` when the row is damaged or of a newer version */
export function bindingOf(row: InstallationBindingRow): InstallationBinding {
  const { apiUrl, installationId, userId, githubUserId, provenAt } = row;
  const proof = parseStored("installation binding", proofSchema, row.proof);
  return {
    ...{ apiUrl, installationId: Number(installationId), userId, githubUserId: Number(githubUserId) },
    ...{ proof, provenAt },
  };
}

import type { InstallationBinding, InstallationKey } from "@infrajet/github/adapters";
import { z } from "zod";
import type { InstallationBindingRow } from "../client.js";
import { storeKey } from "../store-key.js";
import { parseStored } from "../stored-json.js";
import { installationKey } from "./installation-row.js";

const proofSchema = z.enum(["user_token", "webhook_sender"]);

/** What a user's binding to an installation is found by. */
export function bindingKey({ apiUrl, installationId }: InstallationKey, userId: string): string {
  return storeKey(apiUrl, installationId, userId);
}

/** What all bindings of a user on one GitHub are found by. */
export function bindingUserKey(apiUrl: string, userId: string): string {
  return storeKey(apiUrl, userId);
}

/** A binding as its row. */
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

/** The binding that a row holds. @throws GitHubSdkError `store_failed` for a row that this package did not write */
export function bindingOf(row: InstallationBindingRow): InstallationBinding {
  const { apiUrl, installationId, userId, githubUserId, provenAt } = row;
  const proof = parseStored("installation binding", proofSchema, row.proof);
  return {
    ...{ apiUrl, installationId: Number(installationId), userId, githubUserId: Number(githubUserId) },
    ...{ proof, provenAt },
  };
}

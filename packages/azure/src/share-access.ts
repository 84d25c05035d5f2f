import {
  AnonymousCredential,
  type ShareClient,
  ShareServiceClient,
  type StorageSharedKeyCredential,
} from "@azure/storage-file-share";
import { GitHubSdkError } from "@infrajet/github/errors";
import * as z from "zod";

/** A credential of `@azure/identity`, such as `DefaultAzureCredential`. */
export interface EntraCredential {
  getToken(
    scopes: string | string[],
    options?: object,
  ): Promise<{ readonly token: string; readonly expiresOnTimestamp: number } | null>;
}

/** The access to the storage account: one of these alternatives. */
export type ShareAccess =
  | {
      /** The connection string from the Azure portal, with the account key or a SAS. */
      readonly connectionString: string;
    }
  | {
      /** `https://ACCOUNT.file.core.windows.net`, with a SAS as its query when `credential` is omitted. */
      readonly accountUrl: string;
      /** A `StorageSharedKeyCredential`, or a credential of `@azure/identity`. */
      readonly credential?: StorageSharedKeyCredential | EntraCredential;
    }
  | {
      /**
       * The host's own client, used without changes. Requires `allowTrailingDot` and `allowSourceTrailingDot`, and with Entra ID
       * `fileRequestIntent: "backup"`. Set `retryOptions: { maxTries: 1 }`, because this package retries requests itself.
       */
      readonly client: ShareServiceClient;
    };

// If Azure removed trailing dots, a name could lead to a different file. AzureRequests does the retries.
const OPTIONS = {
  allowTrailingDot: true,
  allowSourceTrailingDot: true,
  retryOptions: { maxTries: 1 },
};

// With Entra ID, Azure requires this header for access that ignores file permissions.
const ENTRA_OPTIONS = { ...OPTIONS, fileRequestIntent: "backup" } as const;

const accessSchema = z.union([
  z.object({ client: z.custom<ShareServiceClient>(isClient) }),
  z.object({ connectionString: z.string().min(1) }),
  z.object({ accountUrl: z.url({ protocol: /^https?$/ }) }),
]);

/**
 * Returns the client of a share.
 *
 * @throws GitHubSdkError `invalid_options` when no access is given or the connection string is malformed
 */
export function openShare(access: ShareAccess, shareName: string): ShareClient {
  if (!accessSchema.safeParse(access).success) {
    throw invalid("Set one of the options connectionString, accountUrl (with a credential or a SAS) and client.");
  }
  return serviceOf(access).getShareClient(shareName);
}

function serviceOf(access: ShareAccess): ShareServiceClient {
  if ("client" in access) return access.client;
  if ("connectionString" in access) return fromConnectionString(access.connectionString);
  const { accountUrl, credential = new AnonymousCredential() } = access;
  return new ShareServiceClient(accountUrl, credential, "getToken" in credential ? ENTRA_OPTIONS : OPTIONS);
}

function fromConnectionString(connectionString: string): ShareServiceClient {
  try {
    return ShareServiceClient.fromConnectionString(connectionString, OPTIONS);
  } catch {
    // The Azure client's error is dropped, because it may quote the connection string with its key.
    throw invalid("connectionString is malformed. Copy it from the storage account again.");
  }
}

function isClient(value: unknown): boolean {
  return typeof value === "object" && value !== null && "getShareClient" in value;
}

function invalid(message: string): GitHubSdkError {
  return new GitHubSdkError("invalid_options", message);
}

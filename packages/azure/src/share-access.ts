import {
  AnonymousCredential,
  type ShareClient,
  ShareServiceClient,
  type StorageSharedKeyCredential,
} from "@azure/storage-file-share";
import { GitHubSdkError } from "@infrajet/github/errors";
import { z } from "zod";

/** A credential of `@azure/identity`, such as `DefaultAzureCredential`. */
export interface EntraCredential {
  getToken(
    scopes: string | string[],
    options?: object,
  ): Promise<{ readonly token: string; readonly expiresOnTimestamp: number } | null>;
}

/** How the storage account is reached: one of these. */
export type ShareAccess =
  | {
      /** As the portal shows it, with the account's key or with a SAS. */
      readonly connectionString: string;
    }
  | {
      /** `https://ACCOUNT.file.core.windows.net`; with a SAS as its query when `credential` is left out. */
      readonly accountUrl: string;
      /** A `StorageSharedKeyCredential`, or a credential of `@azure/identity`. */
      readonly credential?: StorageSharedKeyCredential | EntraCredential;
    }
  | {
      /**
       * A client of the host's own, used as it is. It needs `allowTrailingDot` and `allowSourceTrailingDot`, with Entra ID
       * `fileRequestIntent: "backup"`, and best `retryOptions: { maxTries: 1 }`, since requests are sent again here.
       */
      readonly client: ShareServiceClient;
    };

// Without the trailing dots of a name Azure would answer with another file. Tries are counted in one place, here.
const OPTIONS = {
  allowTrailingDot: true,
  allowSourceTrailingDot: true,
  retryOptions: { maxTries: 1 },
};

// Entra ID reads past the permissions of files; the header says that this is meant.
const ENTRA_OPTIONS = { ...OPTIONS, fileRequestIntent: "backup" } as const;

const ways = z.union([
  z.object({ client: z.custom<ShareServiceClient>(isClient) }),
  z.object({ connectionString: z.string().min(1) }),
  z.object({ accountUrl: z.url({ protocol: /^https?$/ }) }),
]);

/**
 * The client of a share.
 *
 * @throws GitHubSdkError `invalid_options` when the access is not one of the ways, or cannot be read.
 */
export function openShare(access: ShareAccess, shareName: string): ShareClient {
  if (!ways.safeParse(access).success) {
    throw invalid("give connectionString, accountUrl (with a credential or a SAS), or client.");
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
    // What the client says of one that it cannot read may quote it.
    throw invalid("connectionString cannot be read; copy it from the storage account again.");
  }
}

function isClient(value: unknown): boolean {
  return typeof value === "object" && value !== null && "getShareClient" in value;
}

function invalid(message: string): GitHubSdkError {
  return new GitHubSdkError("invalid_options", message);
}

import { type ShareClient, type ShareClientConfig, ShareServiceClient } from "@azure/storage-file-share";
import type { AzureFilesBox } from "../../src/index.js";

/** Creates Azure's client for a listening box, without retries. */
export function serviceClient(box: AzureFilesBox, config: ShareClientConfig = {}): ShareServiceClient {
  return ShareServiceClient.fromConnectionString(box.connectionString, { retryOptions: { maxTries: 1 }, ...config });
}

/** Creates Azure's client with a shared access signature, without retries. */
export function sasClient(box: AzureFilesBox, query: string): ShareServiceClient {
  return new ShareServiceClient(`${box.endpoint}?${query}`, undefined, { retryOptions: { maxTries: 1 } });
}

/** Reads a file as a stream. */
export async function read(share: ShareClient, path: string): Promise<string> {
  const { readableStreamBody } = await share.rootDirectoryClient.getFileClient(path).download(0);
  const pieces: Buffer[] = [];
  for await (const piece of readableStreamBody ?? []) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces).toString();
}

/** Lists a directory as `d:name` and `f:name`, in the order of the service. */
export async function list(share: ShareClient, path = ""): Promise<string[]> {
  const directory = path === "" ? share.rootDirectoryClient : share.getDirectoryClient(path);
  const names: string[] = [];
  for await (const { kind, name } of directory.listFilesAndDirectories()) names.push(`${kind[0]}:${name}`);
  return names;
}

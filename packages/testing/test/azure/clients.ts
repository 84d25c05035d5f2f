import { type ShareClient, type ShareClientConfig, ShareServiceClient } from "@azure/storage-file-share";
import type { AzureFilesBox } from "../../src/index.js";

/** Azure's own client of a listening box; it tries once. */
export function serviceClient(box: AzureFilesBox, config: ShareClientConfig = {}): ShareServiceClient {
  return ShareServiceClient.fromConnectionString(box.connectionString, { retryOptions: { maxTries: 1 }, ...config });
}

/** Azure's own client of the account behind an address with a signature. */
export function sasClient(box: AzureFilesBox, query: string): ShareServiceClient {
  return new ShareServiceClient(`${box.endpoint}?${query}`, undefined, { retryOptions: { maxTries: 1 } });
}

/** A file's content, read as a stream. */
export async function read(share: ShareClient, path: string): Promise<string> {
  const { readableStreamBody } = await share.rootDirectoryClient.getFileClient(path).download(0);
  const pieces: Buffer[] = [];
  for await (const piece of readableStreamBody ?? []) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces).toString();
}

/** Names in a directory, as `d:name` and `f:name`, sorted as they come. */
export async function list(share: ShareClient, path = ""): Promise<string[]> {
  const directory = path === "" ? share.rootDirectoryClient : share.getDirectoryClient(path);
  const names: string[] = [];
  for await (const { kind, name } of directory.listFilesAndDirectories()) names.push(`${kind[0]}:${name}`);
  return names;
}

import { setTimeout as delay } from "node:timers/promises";
import {
  RestError,
  type ShareClient,
  type ShareFileClient,
  ShareLeaseClient,
  ShareServiceClient,
} from "@azure/storage-file-share";
import { RECORDED_HEADERS } from "../exchange.js";
import type { Step } from "../step.js";
import type { Target } from "../target.js";

/** A result of the storage library, with the response that it came from. */
interface AzureResult {
  readonly _response: AzureResponse;
}
interface AzureResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | undefined };
  readonly request: { readonly method: string; readonly url: string };
}

/** Reads and writes a share of its own: listings, ranges, conditions, names, snapshots, leases. */
export const azure: Step = {
  number: 15,
  title: "Azure Files",
  skip: ({ azureConnection }) => (azureConnection === null ? "AZURE_STORAGE_CONNECTION_STRING is not set" : null),
  run: async (target) => {
    const { azureConnection } = target.service;
    if (azureConnection === null) return;
    const service = ShareServiceClient.fromConnectionString(azureConnection, { retryOptions: { maxTries: 2 } });
    const share = service.getShareClient(target.repository.toLowerCase());
    await call(target, "create the share", () => share.create());
    try {
      await filesAndNames(target, share);
      await snapshots(target, share);
      await leases(target, share);
    } finally {
      await call(target, "delete the share", () => share.delete({ deleteSnapshots: "include" }));
    }
  },
};

async function filesAndNames(target: Target, share: ShareClient): Promise<void> {
  const directory = share.getDirectoryClient("dir");
  await call(target, "create a directory", () => directory.create());
  await call(target, "create it again", () => directory.create());
  const file = directory.getFileClient("a.txt");
  await write(target, file, "text", "a");
  await call(target, "read", () => file.download());
  await call(target, "read a range", () => file.download(1, 2));
  await call(target, "read beyond the end", () => file.download(100, 2));
  await call(target, "properties", () => file.getProperties());
  await call(target, "ranges", () => file.getRangeList());
  await call(target, "read a missing file", () => directory.getFileClient("missing.txt").download());
  await call(target, "create below a missing directory", () =>
    share.getDirectoryClient("missing").getFileClient("b.txt").create(1),
  );
  await call(target, "properties in other case", () => directory.getFileClient("A.TXT").getProperties());
  for (const name of ["dots...", "space ", "plain.", "CON", "a:b"])
    await call(target, `create ${JSON.stringify(name)}`, () => directory.getFileClient(name).create(1));
  const names: string[] = [];
  for await (const page of directory.listFilesAndDirectories().byPage({ maxPageSize: 2 })) {
    names.push(...page.segment.fileItems.map(({ name }) => name));
  }
  target.settle("Names that Azure lists after writing dots..., plain. and space", names.join(", "));
  const moved = directory.getFileClient("moved.txt");
  await call(target, "rename over nothing", () =>
    file.rename("dir/moved.txt", { replaceIfExists: false }).then(responseOf),
  );
  await write(target, file, "other", "write it again");
  await call(target, "rename over a file", () =>
    file.rename("dir/moved.txt", { replaceIfExists: false }).then(responseOf),
  );
  await call(target, "rename with replacement", () =>
    file.rename("dir/moved.txt", { replaceIfExists: true }).then(responseOf),
  );
  await call(target, "delete", () => moved.delete());
}

function responseOf({ fileRenameResponse }: { readonly fileRenameResponse: AzureResult }): AzureResult {
  return fileRenameResponse;
}

/** Takes two snapshots within a second, and reads what changed while it was read. */
async function snapshots(target: Target, share: ShareClient): Promise<void> {
  const file = share.getDirectoryClient("dir").getFileClient("changing.txt");
  await write(target, file, "one", "changing");
  const first = await share.createSnapshot();
  const second = await share.createSnapshot().catch((error: unknown) => {
    if (error instanceof RestError) return { snapshot: `refused: ${error.code}` };
    throw error;
  });
  target.settle(
    "Two snapshots within one second",
    first.snapshot === second.snapshot
      ? "have one ID"
      : `${second.snapshot?.startsWith("refused") ? second.snapshot : "have two IDs"}`,
  );
  const before = await file.getProperties();
  await delay(10);
  await write(target, file, "two", "change");
  const after = await file.getProperties();
  target.settle("A write changes the ETag", before.etag === after.etag ? "no" : "yes");
}

/** Acquires a lease, and renames over the leased file. */
async function leases(target: Target, share: ShareClient): Promise<void> {
  const directory = share.getDirectoryClient("dir");
  const file = directory.getFileClient("leased.txt");
  await write(target, file, "leased", "leased");
  const before = await file.getProperties();
  const lease = new ShareLeaseClient(file);
  await call(target, "acquire a lease", () => lease.acquireLease());
  const leased = await file.getProperties();
  target.settle("Acquiring a lease changes the ETag", before.etag === leased.etag ? "no" : "yes");
  await call(target, "write without the lease", () => file.uploadRange("x", 0, 1));
  const other = directory.getFileClient("other.txt");
  await write(target, other, "other", "other");
  await call(target, "rename over it without the lease", () =>
    other.rename("dir/leased.txt", { replaceIfExists: true }).then(responseOf),
  );
  await call(target, "rename over it with the lease", () =>
    other
      .rename("dir/leased.txt", {
        replaceIfExists: true,
        destinationLeaseAccessConditions: { leaseId: lease.leaseId },
      })
      .then(responseOf),
  );
  const survived = await file.getProperties().then(({ leaseStatus }) => leaseStatus);
  target.settle("A lease survives a rename over the file", survived === "locked" ? "yes" : "no");
  await call(target, "release the lease", () => lease.releaseLease());
}

async function write(target: Target, file: ShareFileClient, content: string, label: string): Promise<void> {
  await call(target, `create ${label}`, () => file.create(content.length));
  await call(target, `write ${label}`, () => file.uploadRange(content, 0, content.length));
}

/** Calls the storage library and records the exchange. A refusal of the service is recorded too. */
async function call(target: Target, label: string, send: () => Promise<AzureResult>): Promise<void> {
  try {
    const { _response } = await send();
    record(target, label, _response, null);
  } catch (error) {
    if (!(error instanceof RestError) || error.response === undefined) throw error;
    record(target, label, error.response, error.code ?? null);
  }
}

function record(target: Target, label: string, response: AzureResponse, code: string | null): void {
  const { pathname, search } = new URL(response.request.url);
  const headers = new Headers();
  for (const name of RECORDED_HEADERS) {
    const value = response.headers.get(name);
    if (value !== undefined) headers.set(name, value);
  }
  const request = { method: response.request.method, path: pathname + search, body: null };
  target.record(label, request, { status: response.status, headers, body: code === null ? null : { error: code } });
}

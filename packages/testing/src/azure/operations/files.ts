import { AzureError, invalidHeader } from "../azure-error.js";
import { contentHeaders, requestedContentHeaders } from "../http/content-headers.js";
import { type Call, metadataHeaders, metadataOf, type Operation, rootOf, shareOf } from "../http/operation.js";
import { applySmbProperties, smbHeaders, validators } from "../http/smb-properties.js";
import { has } from "../http/version.js";
import { Content } from "../storage/content.js";
import type { Share } from "../storage/share.js";
import type { StoredFile } from "../storage/stored-item.js";
import { directoryOf, fileAt, lookUp } from "../storage/tree.js";

const LARGEST_FILE = 4 * 1024 ** 4;
const LARGEST_BODY = 4 * 1024 * 1024;

/**
 * Operations on files, except those on their content.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/operations-on-files
 */
export const fileOperations: readonly Operation[] = [
  { name: "CreateFile", method: "PUT", level: "file", needs: ["c", "w"], handler: createFile },
  {
    name: "GetFileProperties",
    method: "HEAD",
    level: "file",
    needs: ["r"],
    readsSnapshots: true,
    handler: (call) => {
      const file = fileAt(rootOf(call), call.segments);
      file.lease.checkRead(leaseId(call));
      return {
        status: 200,
        headers: {
          ...fileHeaders(file, call.version),
          ...contentHeaders(file, "Content-MD5"),
          "Content-Length": String(file.content.size),
        },
      };
    },
  },
  {
    name: "SetFileProperties",
    method: "PUT",
    level: "file",
    comp: "properties",
    needs: ["w"],
    handler: (call) => {
      const { share, file } = writableFile(call, { mayBeReadOnly: true });
      const size = call.headers.get("x-ms-content-length");
      if (size !== null) file.content = file.content.resize(parseSize(size));
      file.contentHeaders = requestedContentHeaders(call.headers);
      share.touch(file, size === null ? "properties" : "content");
      applySmbProperties(file, call.headers);
      return { status: 200, headers: writtenHeaders(file, call.version) };
    },
  },
  {
    name: "SetFileMetadata",
    method: "PUT",
    level: "file",
    comp: "metadata",
    needs: ["w"],
    handler: (call) => {
      const { share, file } = writableFile(call, { mayBeReadOnly: true });
      file.metadata = metadataOf(call.headers);
      share.touch(file);
      return { status: 200, headers: { ...validators(file.modified), "x-ms-request-server-encrypted": "true" } };
    },
  },
  {
    name: "DeleteFile",
    method: "DELETE",
    level: "file",
    needs: ["d"],
    handler: (call) => {
      const { file } = writableFile(call);
      file.parent?.remove(file.name);
      return { status: 202 };
    },
  },
];

async function createFile(call: Call) {
  const { headers, segments, version } = call;
  const share = shareOf(call);
  if (headers.get("x-ms-type")?.toLowerCase() !== "file") throw invalidHeader("x-ms-type", headers.get("x-ms-type"));
  const size = parseSize(headers.get("x-ms-content-length"));
  const bytes = await call.body(LARGEST_BODY);
  const name = segments.at(-1);
  if (name === undefined) throw new AzureError("InvalidUri");
  const existing = lookUp(share.root, segments);
  if (existing?.kind === "directory") throw new AzureError("ResourceTypeMismatch");
  const lease = leaseId(call);
  if (existing !== undefined) writableFile(call);
  else if (lease !== undefined) throw new AzureError("LeaseNotPresentWithFileOperation");
  const file = share.newFile(name, Content.zeros(size).write(0, bytes.subarray(0, size)));
  file.contentHeaders = requestedContentHeaders(headers);
  file.metadata = metadataOf(headers);
  applySmbProperties(file, headers);
  directoryOf(share.root, segments).put(file);
  return { status: 201, headers: writtenHeaders(file, version) };
}

/**
 * Returns the file that a call writes.
 *
 * @throws AzureError when its lease or its read-only attribute forbids it
 */
export function writableFile(call: Call, { mayBeReadOnly = false } = {}): { share: Share; file: StoredFile } {
  const share = shareOf(call);
  const file = fileAt(share.root, call.segments);
  file.lease.checkWrite(leaseId(call));
  if (!mayBeReadOnly && file.attributes.includes("ReadOnly")) throw new AzureError("ReadOnlyAttribute");
  return { share, file };
}

/** Returns a file's response headers, without its content headers. */
export function fileHeaders(file: StoredFile, version: string): Record<string, string> {
  return {
    ...validators(file.modified),
    ...metadataHeaders(file.metadata),
    "x-ms-type": "File",
    "x-ms-server-encrypted": "true",
    ...smbHeaders(file, version),
    ...leaseHeaders(file, version),
  };
}

/** Returns the lease ID of a request. */
export function leaseId({ headers }: Call): string | undefined {
  return headers.get("x-ms-lease-id") ?? undefined;
}

function leaseHeaders({ lease }: StoredFile, version: string): Record<string, string> {
  if (!has(version, "leases")) return {};
  const { state, status, duration } = lease.status;
  return {
    "x-ms-lease-state": state,
    "x-ms-lease-status": status,
    ...(duration === undefined ? {} : { "x-ms-lease-duration": duration }),
  };
}

function writtenHeaders(file: StoredFile, version: string): Record<string, string> {
  return {
    ...validators(file.modified),
    "x-ms-request-server-encrypted": "true",
    ...smbHeaders(file, version),
  };
}

function parseSize(text: string | null): number {
  const size = Number(text ?? "");
  if (text === null || !/^\d+$/.test(text)) throw invalidHeader("x-ms-content-length", text);
  if (size > LARGEST_FILE) throw new AzureError("OutOfRangeInput");
  return size;
}

import { AzureError, invalidHeader } from "../azure-error.js";
import { locate } from "../http/location.js";
import { type Call, metadataOf, type Operation, shareOf } from "../http/operation.js";
import type { OperationResponse } from "../http/respond.js";
import { applySmbProperties, smbHeaders, validators } from "../http/smb-properties.js";
import { keepsTrailingDots } from "../http/trailing-dots.js";
import { trimTrailingDots } from "../storage/names.js";
import type { StoredDirectory, StoredFile } from "../storage/stored-item.js";
import { directoryAt, directoryOf, fileAt, lookUp } from "../storage/tree.js";

/**
 * Operations that rename files and directories within a share.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/rename-file
 * @see https://learn.microsoft.com/rest/api/storageservices/rename-directory
 */
export const renameOperations: readonly Operation[] = [
  {
    name: "RenameFile",
    method: "PUT",
    level: "file",
    comp: "rename",
    needs: ["w"],
    handler: (call) => {
      const file = fileAt(shareOf(call).root, sourceOf(call));
      file.lease.checkWrite(call.headers.get("x-ms-source-lease-id") ?? undefined);
      const type = call.headers.get("x-ms-content-type");
      if (type !== null) file.contentHeaders = { ...file.contentHeaders, type };
      return move(call, file);
    },
  },
  {
    name: "RenameDirectory",
    method: "PUT",
    level: "directory",
    comp: "rename",
    needs: ["w"],
    handler: (call) => {
      const directory = directoryAt(shareOf(call).root, sourceOf(call));
      const destination = call.segments.slice(0, -1);
      // A directory cannot be moved into itself.
      for (let depth = 1; depth <= destination.length; depth += 1) {
        if (lookUp(shareOf(call).root, destination.slice(0, depth)) === directory) throw new AzureError("InvalidUri");
      }
      return move(call, directory);
    },
  },
];

/** Returns the path segments of the URL in `x-ms-file-rename-source`. */
function sourceOf({ headers, location, version }: Call): string[] {
  const text = headers.get("x-ms-file-rename-source");
  if (text === null || !URL.canParse(text)) throw invalidHeader("x-ms-file-rename-source", text);
  const source = locate(new URL(text), location.account);
  if (source.account !== location.account || source.share !== location.share) {
    throw invalidHeader("x-ms-file-rename-source", text);
  }
  const keepsDots = keepsTrailingDots(headers, version, "x-ms-source-allow-trailing-dot");
  return keepsDots ? source.segments : trimTrailingDots(source.segments);
}

function move(call: Call, item: StoredFile | StoredDirectory): OperationResponse {
  const share = shareOf(call);
  const { headers, segments, version } = call;
  const name = segments.at(-1);
  if (name === undefined || item.parent === undefined) throw new AzureError("InvalidUri");
  const there = lookUp(share.root, segments);
  if (there !== undefined && there !== item) checkReplace(call, item, there);
  item.parent.remove(item.name);
  item.name = name;
  directoryOf(share.root, segments).put(item);
  const metadata = metadataOf(headers);
  if (Object.keys(metadata).length > 0) item.metadata = metadata;
  share.touch(item);
  applySmbProperties(item, headers);
  return {
    status: 200,
    headers: { ...validators(item.modified), "x-ms-request-server-encrypted": "true", ...smbHeaders(item, version) },
  };
}

/** Checks that the destination can be replaced: both are files and the request allows it. */
function checkReplace(
  { headers }: Call,
  item: StoredFile | StoredDirectory,
  there: StoredFile | StoredDirectory,
): void {
  const mayReplace = headers.get("x-ms-file-rename-replace-if-exists")?.toLowerCase() === "true";
  if (!mayReplace || item.kind === "directory" || there.kind === "directory") {
    throw new AzureError("ResourceAlreadyExists");
  }
  there.lease.checkWrite(headers.get("x-ms-destination-lease-id") ?? undefined);
  const ignoresReadOnly = headers.get("x-ms-file-rename-ignore-readonly")?.toLowerCase() === "true";
  if (there.attributes.includes("ReadOnly") && !ignoresReadOnly) throw new AzureError("ReadOnlyAttribute");
}

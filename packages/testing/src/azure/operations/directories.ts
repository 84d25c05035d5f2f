import { AzureError } from "../azure-error.js";
import { metadataHeaders, metadataOf, type Operation, rootOf, shareOf } from "../http/operation.js";
import { applySmbProperties, smbHeaders, validators } from "../http/smb-properties.js";
import { directoryAt, directoryOf, lookUp } from "../storage/tree.js";

/**
 * Operations on directories, except listings.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/operations-on-directories
 */
export const directoryOperations: readonly Operation[] = [
  {
    name: "CreateDirectory",
    method: "PUT",
    level: "directory",
    needs: ["c", "w"],
    handler: (call) => {
      const share = shareOf(call);
      const name = call.segments.at(-1);
      if (name === undefined || lookUp(share.root, call.segments) !== undefined) {
        throw new AzureError("ResourceAlreadyExists");
      }
      const directory = share.newDirectory(name);
      directory.metadata = metadataOf(call.headers);
      applySmbProperties(directory, call.headers);
      directoryOf(share.root, call.segments).put(directory);
      return {
        status: 201,
        headers: {
          ...validators(directory.modified),
          "x-ms-request-server-encrypted": "true",
          ...smbHeaders(directory, call.version),
        },
      };
    },
  },
  {
    name: "GetDirectoryProperties",
    method: "GET",
    level: "directory",
    needs: ["r"],
    readsSnapshots: true,
    handler: (call) => {
      const directory = directoryAt(rootOf(call), call.segments);
      return {
        status: 200,
        headers: {
          ...validators(directory.modified),
          ...metadataHeaders(directory.metadata),
          "x-ms-server-encrypted": "true",
          ...smbHeaders(directory, call.version),
        },
      };
    },
  },
  {
    name: "SetDirectoryProperties",
    method: "PUT",
    level: "directory",
    comp: "properties",
    needs: ["w"],
    handler: (call) => {
      const share = shareOf(call);
      const directory = directoryAt(share.root, call.segments);
      share.touch(directory);
      applySmbProperties(directory, call.headers);
      return {
        status: 200,
        headers: {
          ...validators(directory.modified),
          "x-ms-request-server-encrypted": "true",
          ...smbHeaders(directory, call.version),
        },
      };
    },
  },
  {
    name: "SetDirectoryMetadata",
    method: "PUT",
    level: "directory",
    comp: "metadata",
    needs: ["w"],
    handler: (call) => {
      const share = shareOf(call);
      const directory = directoryAt(share.root, call.segments);
      directory.metadata = metadataOf(call.headers);
      share.touch(directory);
      return { status: 200, headers: { ...validators(directory.modified), "x-ms-request-server-encrypted": "true" } };
    },
  },
  {
    name: "DeleteDirectory",
    method: "DELETE",
    level: "directory",
    needs: ["d"],
    handler: (call) => {
      const directory = directoryAt(shareOf(call).root, call.segments);
      if (directory.parent === undefined) throw new AzureError("InvalidUri");
      if (!directory.isEmpty) throw new AzureError("DirectoryNotEmpty");
      directory.parent.remove(directory.name);
      return { status: 202 };
    },
  },
];

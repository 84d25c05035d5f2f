import { AzureError } from "../azure-error.js";
import { type Call, metadataHeaders, metadataOf, type Operation, shareOf } from "../http/operation.js";
import { validators } from "../http/smb-properties.js";
import { has } from "../http/version.js";
import { httpDate } from "../storage/ticks.js";

/**
 * Operations on shares and their snapshots.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/operations-on-shares--file-service-
 */
export const shareOperations: readonly Operation[] = [
  {
    name: "CreateShare",
    method: "PUT",
    level: "share",
    needs: ["c", "w"],
    handler: ({ account, location, headers }) => {
      const share = account.createShare(location.share);
      share.metadata = metadataOf(headers);
      share.quota = Number(headers.get("x-ms-share-quota") ?? share.quota);
      return { status: 201, headers: validators(share.modified) };
    },
  },
  {
    name: "GetShareProperties",
    method: "GET",
    level: "share",
    needs: ["r"],
    readsSnapshots: true,
    handler: (call) => {
      const share = shareOf(call);
      const { metadata, modified } = snapshotOf(call) ?? share;
      return {
        status: 200,
        headers: {
          ...validators(modified),
          ...metadataHeaders(metadata),
          "x-ms-has-immutability-policy": "false",
          "x-ms-has-legal-hold": "false",
          "x-ms-share-quota": String(share.quota),
          ...(has(call.version, "accessTiers")
            ? {
                "x-ms-access-tier": "TransactionOptimized",
                "x-ms-access-tier-change-time": httpDate(share.createdAt),
              }
            : {}),
          ...(has(call.version, "shareLeases")
            ? { "x-ms-lease-status": "unlocked", "x-ms-lease-state": "available" }
            : {}),
        },
      };
    },
  },
  {
    name: "SetShareMetadata",
    method: "PUT",
    level: "share",
    comp: "metadata",
    needs: ["w"],
    handler: (call) => {
      const share = shareOf(call);
      share.metadata = metadataOf(call.headers);
      share.modified = share.clock.next();
      return { status: 200, headers: validators(share.modified) };
    },
  },
  {
    name: "SnapshotShare",
    method: "PUT",
    level: "share",
    comp: "snapshot",
    needs: ["c", "w"],
    handler: (call) => {
      const share = shareOf(call);
      const metadata = metadataOf(call.headers);
      const name = share.takeSnapshot(Object.keys(metadata).length === 0 ? share.metadata : metadata);
      return { status: 201, headers: { ...validators(share.modified), "x-ms-snapshot": name } };
    },
  },
  {
    name: "DeleteShare",
    method: "DELETE",
    level: "share",
    needs: ["d"],
    readsSnapshots: true,
    handler: (call) => {
      const share = shareOf(call);
      const snapshot = call.query.get("sharesnapshot");
      if (snapshot !== null) {
        if (!share.snapshots.delete(snapshot)) throw new AzureError("ShareNotFound");
        return { status: 202 };
      }
      if (share.snapshots.size > 0 && !call.headers.has("x-ms-delete-snapshots")) {
        throw new AzureError("ShareHasSnapshots");
      }
      call.account.shares.delete(share.name);
      return { status: 202 };
    },
  },
];

function snapshotOf(call: Call) {
  const name = call.query.get("sharesnapshot");
  if (name === null) return undefined;
  const snapshot = shareOf(call).snapshots.get(name);
  if (snapshot === undefined) throw new AzureError("ShareNotFound");
  return snapshot;
}

import { invalidHeader } from "../azure-error.js";
import { type Call, type Operation, shareOf } from "../http/operation.js";
import type { OperationResponse } from "../http/respond.js";
import { validators } from "../http/smb-properties.js";
import { fileAt } from "../storage/tree.js";
import { leaseId } from "./files.js";

/**
 * Acquires, changes, releases or breaks the lease of a file.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/lease-file
 */
export const leaseFile: Operation = {
  name: "LeaseFile",
  method: "PUT",
  level: "file",
  comp: "lease",
  needs: ["w"],
  handler: (call): OperationResponse => {
    const file = fileAt(shareOf(call).root, call.segments);
    const { lease } = file;
    const headers = validators(file.modified);
    const held = leaseId(call);
    const proposed = call.headers.get("x-ms-proposed-lease-id");
    switch (action(call)) {
      case "acquire":
        checkDuration(call);
        return { status: 201, headers: { ...headers, "x-ms-lease-id": lease.acquire(proposed ?? undefined) } };
      case "change":
        if (proposed === null) throw invalidHeader("x-ms-proposed-lease-id", null);
        return { status: 200, headers: { ...headers, "x-ms-lease-id": lease.change(held, proposed) } };
      case "release":
        lease.release(held);
        return { status: 200, headers };
      case "break":
        lease.break(held);
        return { status: 202, headers: { ...headers, "x-ms-lease-time": "0" } };
    }
  },
};

const ACTIONS = ["acquire", "change", "release", "break"] as const;

function action({ headers }: Call): (typeof ACTIONS)[number] {
  const text = headers.get("x-ms-lease-action");
  const found = ACTIONS.find((name) => name === text?.toLowerCase());
  if (found === undefined) throw invalidHeader("x-ms-lease-action", text);
  return found;
}

/** File leases are infinite, so Azure accepts only the duration -1. */
function checkDuration({ headers }: Call): void {
  const text = headers.get("x-ms-lease-duration");
  if (text !== "-1") throw invalidHeader("x-ms-lease-duration", text);
}

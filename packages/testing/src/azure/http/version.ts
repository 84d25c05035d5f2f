import { invalidHeader } from "../azure-error.js";

/** Versions of the protocol, each named by what came with it: https://learn.microsoft.com/rest/api/storageservices/previous-azure-storage-service-versions */
const SINCE = {
  smbProperties: "2019-02-02",
  leases: "2019-02-02",
  clientRequestId: "2019-02-02",
  extendedListing: "2020-04-08",
  fileIds: "2020-10-02",
  lastWriteOfRange: "2021-06-08",
  encodedNames: "2021-12-02",
  trailingDots: "2022-11-02",
  bearerTokens: "2022-11-02",
} as const;

const OLDEST = "2015-02-21";

/** Whether a version has something. */
export function has(version: string, feature: keyof typeof SINCE): boolean {
  return version >= SINCE[feature];
}

/** The version of a request: its header, or else that of its SAS. Throws Azure's 400. */
export function requestVersion(headers: Headers, query: URLSearchParams): string {
  const stated = headers.get("x-ms-version");
  const version = stated ?? query.get("sv");
  if (version === null || !/^\d{4}-\d\d-\d\d$/.test(version) || version < OLDEST) {
    throw invalidHeader("x-ms-version", stated);
  }
  return version;
}

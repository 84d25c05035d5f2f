import { invalidHeader } from "../azure-error.js";

/**
 * The protocol version that introduced each feature.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/previous-azure-storage-service-versions
 */
const SINCE = {
  smbProperties: "2019-02-02",
  leases: "2019-02-02",
  clientRequestId: "2019-02-02",
  accessTiers: "2019-12-12",
  shareLeases: "2020-02-10",
  extendedListing: "2020-04-08",
  fileIds: "2020-10-02",
  lastWriteOfRange: "2021-06-08",
  encodedNames: "2021-12-02",
  trailingDots: "2022-11-02",
  bearerTokens: "2022-11-02",
} as const;

const OLDEST = "2015-02-21";

/** True when a protocol version has a feature. */
export function has(version: string, feature: keyof typeof SINCE): boolean {
  return version >= SINCE[feature];
}

/**
 * Returns the protocol version of a request: its `x-ms-version` header, or the version of its SAS.
 *
 * @throws AzureError `MissingRequiredHeader` or `InvalidHeaderValue`
 */
export function requestVersion(headers: Headers, query: URLSearchParams): string {
  const stated = headers.get("x-ms-version");
  const version = stated ?? query.get("sv");
  if (version === null || !/^\d{4}-\d\d-\d\d$/.test(version) || version < OLDEST) {
    throw invalidHeader("x-ms-version", stated);
  }
  return version;
}

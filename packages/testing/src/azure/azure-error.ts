/**
 * Azure's error codes with their statuses and messages.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/file-service-error-codes
 * @see https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes
 */
const ERRORS = {
  AuthenticationFailed: [
    403,
    "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.",
  ],
  AuthorizationFailure: [403, "This request is not authorized to perform this operation."],
  AuthorizationPermissionMismatch: [
    403,
    "This request is not authorized to perform this operation using this permission.",
  ],
  AuthorizationProtocolMismatch: [403, "This request is not authorized to perform this operation using this protocol."],
  AuthorizationResourceTypeMismatch: [
    403,
    "This request is not authorized to perform this operation using this resource type.",
  ],
  AuthorizationServiceMismatch: [403, "This request is not authorized to perform this operation using this service."],
  CannotDeleteFileOrDirectory: [
    409,
    "The file or directory could not be deleted because it is in use by an SMB client.",
  ],
  DeletePending: [409, "The specified resource is marked for deletion by an SMB client."],
  DirectoryNotEmpty: [409, "The specified directory is not empty."],
  FileInvalidPermission: [400, "The specified file permission is not valid."],
  InternalError: [500, "Server encountered an internal error. Please try again after some time."],
  InvalidAuthenticationInfo: [
    401,
    "Authentication information is not given in the correct format. Check the value of Authorization header.",
  ],
  InvalidFileOrDirectoryPathName: [400, "File or directory path is too long."],
  InvalidHeaderValue: [400, "The value for one of the HTTP headers is not in the correct format."],
  InvalidQueryParameterValue: [400, "Value for one of the query parameters specified in the request URI is invalid."],
  InvalidRange: [416, "The range specified is invalid for the current size of the resource."],
  // "specifed" is Azure's spelling.
  InvalidResourceName: [400, "The specifed resource name contains invalid characters."],
  InvalidUri: [400, "The requested URI does not represent any resource on the server."],
  LeaseAlreadyPresent: [409, "There is already a lease present."],
  LeaseIdMismatchWithFileOperation: [412, "The lease ID specified did not match the lease ID for the file."],
  LeaseIdMismatchWithLeaseOperation: [409, "The lease ID specified did not match the lease ID for the file."],
  LeaseIdMissing: [412, "There is currently a lease on the file and no lease ID was specified in the request."],
  LeaseLost: [412, "A lease ID was specified, but the lease for the file has expired."],
  LeaseNotPresentWithFileOperation: [412, "There is currently no lease on the file."],
  LeaseNotPresentWithLeaseOperation: [409, "There is currently no lease on the file."],
  Md5Mismatch: [
    400,
    "The MD5 value specified in the request did not match with the MD5 value calculated by the server.",
  ],
  MissingRequiredHeader: [400, "An HTTP header that's mandatory for this request is not specified."],
  NoAuthenticationInformation: [
    401,
    "Server failed to authenticate the request. Please refer to the information in the www-authenticate header.",
  ],
  OperationTimedOut: [500, "Operation could not be completed within the specified time."],
  OutOfRangeInput: [400, "One of the request inputs is out of range."],
  OutOfRangeQueryParameterValue: [
    400,
    "One of the query parameters specified in the request URI is outside the permissible range.",
  ],
  ParentNotFound: [404, "The specified parent path does not exist."],
  ReadOnlyAttribute: [409, "The specified resource is read-only and cannot be modified at this time."],
  RequestBodyTooLarge: [413, "The request body is too large and exceeds the maximum permissible limit."],
  ResourceAlreadyExists: [409, "The specified resource already exists."],
  ResourceNotFound: [404, "The specified resource does not exist."],
  ResourceTypeMismatch: [409, "The specified resource type does not match the type of the existing resource."],
  ServerBusy: [503, "The server is busy."],
  ShareAlreadyExists: [409, "The specified share already exists."],
  ShareHasSnapshots: [409, "The specified share has snapshots."],
  ShareNotFound: [404, "The specified share does not exist."],
  ShareSnapshotCountExceeded: [409, "The snapshot count against this share has been exceeded."],
  SharingViolation: [409, "The specified resource may be in use by an SMB client."],
  UnsupportedHttpVerb: [405, "The resource doesn't support specified Http Verb."],
} as const satisfies Record<string, readonly [status: number, message: string]>;

/** An error code that the box responds with. */
export type AzureErrorCode = keyof typeof ERRORS;

/** The headers and body elements of an error. */
export interface AzureErrorDetails {
  headers?: Readonly<Record<string, string>>;
  /** Additional elements of the body, such as `AuthenticationErrorDetail` or `HeaderName`. */
  elements?: Readonly<Record<string, string>>;
}

/** An error response of Azure. */
export class AzureError extends Error {
  override readonly name = "AzureError";
  readonly status: number;

  constructor(
    readonly code: AzureErrorCode,
    readonly details: AzureErrorDetails = {},
  ) {
    super(ERRORS[code][1]);
    this.status = ERRORS[code][0];
  }
}

/** Returns the status and message of a code, or `undefined` for an unknown code. */
export function knownError(code: string): { status: number; message: string } | undefined {
  if (!(code in ERRORS)) return undefined;
  const [status, message] = ERRORS[code as AzureErrorCode];
  return { status, message };
}

/** Creates the error for a missing (`value` is null) or invalid header. */
export function invalidHeader(name: string, value: string | null): AzureError {
  return new AzureError(value === null ? "MissingRequiredHeader" : "InvalidHeaderValue", {
    elements: { HeaderName: name, ...(value === null ? {} : { HeaderValue: value }) },
  });
}

/** Creates the error for an invalid query parameter. */
export function invalidQuery(
  name: string,
  value: string,
  reason: string,
  code: "InvalidQueryParameterValue" | "OutOfRangeQueryParameterValue" = "InvalidQueryParameterValue",
): AzureError {
  return new AzureError(code, { elements: { QueryParameterName: name, QueryParameterValue: value, Reason: reason } });
}

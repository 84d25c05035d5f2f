/** An entry of `errors` in GitHub's validation errors. */
export interface FieldError {
  resource: string;
  code: string;
  field: string;
  message?: string;
}

/** An error response with GitHub's status and message. Thrown by handlers. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly status: number,
    message: string,
    readonly details: {
      errors?: readonly (FieldError | string)[];
      headers?: Readonly<Record<string, string>>;
      /** Defaults to the page of the operation. */
      documentationUrl?: string;
      /** Additional members of the body. */
      body?: Readonly<Record<string, unknown>>;
    } = {},
  ) {
    super(message);
  }
}

/** Creates the error for a resource that does not exist or that the caller cannot see. */
export const notFound = (): ApiError => new ApiError(404, "Not Found");

/** Creates the error for git data of a repository without commits. */
export const emptyRepository = (): ApiError => new ApiError(409, "Git Repository is empty.");

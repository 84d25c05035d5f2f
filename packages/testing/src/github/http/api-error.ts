/** One entry of `errors` in GitHub's validation answers. */
export interface FieldError {
  resource: string;
  code: string;
  field: string;
  message?: string;
}

/** An answer other than success, thrown by handlers: status and message as GitHub gives them. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly status: number,
    message: string,
    readonly details: {
      errors?: readonly (FieldError | string)[];
      headers?: Readonly<Record<string, string>>;
      /** Where it is not the operation's own page. */
      documentationUrl?: string;
      /** More members of the body. */
      body?: Readonly<Record<string, unknown>>;
    } = {},
  ) {
    super(message);
  }
}

/** What does not exist, or not for this caller. */
export const notFound = (): ApiError => new ApiError(404, "Not Found");

/** Thrown by anything that wants data of a repository without commits. */
export const emptyRepository = (): ApiError => new ApiError(409, "Git Repository is empty.");

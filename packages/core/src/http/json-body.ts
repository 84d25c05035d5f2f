import { GitHubSdkError } from "../errors.js";
import { readAtMost } from "../read-at-most.js";
import type { HttpRequest } from "./http-message.js";
import { invalidFields } from "./validation.js";

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;

/**
 * Reads the body of a request as JSON. An empty body is an empty object.
 *
 * @param limit Bytes.
 * @throws GitHubSdkError `payload_too_large`; `malformed_request` when the body or its content type is not JSON;
 * `validation_failed` for an entry that is named `__proto__`
 */
export async function readJson(request: HttpRequest, limit: number): Promise<unknown> {
  const value = await readValue(request, limit);
  assertOrdinaryNames(value);
  return value;
}

async function readValue({ headers, body }: HttpRequest, limit: number): Promise<unknown> {
  if (body.kind === "parsed") return parsedBefore(body.value, headers["content-type"]);
  if (Number(headers["content-length"]) > limit) throw tooLarge(limit);
  const bytes = await readAtMost(body.bytes, limit, () => tooLarge(limit));
  if (bytes.byteLength === 0) return {};
  assertJsonType(headers["content-type"]);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw malformed("The request body is not valid JSON.");
  }
}

function parsedBefore(value: unknown, contentType: string | undefined): unknown {
  if (value === undefined) {
    throw new GitHubSdkError(
      "invalid_options",
      "Another handler of this host consumed the request body. Mount the GitHub endpoints before it, or have it set request.body.",
    );
  }
  assertJsonType(contentType);
  return value;
}

/** Copying a record such as `files` would silently drop an entry of this name. */
function assertOrdinaryNames(body: unknown): void {
  for (const [field, value] of Object.entries(body ?? {})) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, "__proto__")) continue;
    throw invalidFields([{ path: [field, "__proto__"], message: "`__proto__` is not allowed as a name" }]);
  }
}

/** Browsers send other types from any site without a CORS preflight. */
function assertJsonType(contentType: string | undefined): void {
  if (!JSON_TYPE.test(contentType ?? ""))
    throw malformed("The content type is not JSON. Send the request with Content-Type: application/json.");
}

function malformed(reason: string): GitHubSdkError {
  return new GitHubSdkError("malformed_request", reason);
}

function tooLarge(limit: number): GitHubSdkError {
  return new GitHubSdkError("payload_too_large", `The request body exceeds the limit of ${limit} bytes.`);
}

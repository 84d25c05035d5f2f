import type { Clock } from "../adapters/clock.js";
import { GitHubSdkError } from "../errors.js";
import { readAtMost } from "../read-at-most.js";
import { withReadingTimeout } from "./body-stream.js";
import { bearerToken } from "./calling-user.js";
import type { HttpRequest } from "./http-message.js";
import { assertBoundedJson } from "./json-bounds.js";
import { withOrderedStrategies } from "./ordered-strategies.js";

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;

/**
 * Reads the body of a request as JSON. An empty body is an empty object.
 *
 * @param limit Bytes.
 * @throws GitHubSdkError `payload_too_large`; `request_timeout`; `malformed_request` when the body or its content type is not
 * JSON, or the body is compressed; `validation_failed` for JSON that is too complex
 */
export async function readJson(request: HttpRequest, limit: number, clock: Clock): Promise<unknown> {
  const { headers, body } = request;
  if (body.kind === "parsed") return parsedBefore(body.value, request);
  if (Number(headers["content-length"]) > limit) throw tooLarge(limit);
  if (mustBeJson(request)) assertJsonType(request);
  assertNotEncoded(request);
  const source = ArrayBuffer.isView(body.bytes) ? body.bytes : withReadingTimeout(body.bytes, clock);
  const bytes = await readAtMost(source, limit, () => tooLarge(limit));
  if (bytes.byteLength === 0) return {};
  assertJsonType(request);
  assertBoundedJson(bytes);
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return withOrderedStrategies(text, JSON.parse(text));
  } catch {
    throw malformed("The request body is not valid JSON.");
  }
}

function parsedBefore(value: unknown, request: HttpRequest): unknown {
  if (value === undefined) {
    throw new GitHubSdkError(
      "invalid_options",
      "Another handler of this host consumed the request body. Mount the GitHub endpoints before it, or have it set request.body.",
    );
  }
  assertJsonType(request);
  return value;
}

/**
 * True when even an empty body must have the content type of JSON. Browsers send other types from any site without a CORS
 * preflight, and an empty body without a type: only a bearer token proves that the request comes from the user's own page.
 */
function mustBeJson({ headers }: HttpRequest): boolean {
  if (headers["content-type"] !== undefined) return true;
  return headers.origin !== undefined && bearerToken(headers.authorization) === null;
}

function assertJsonType({ headers }: HttpRequest): void {
  if (JSON_TYPE.test(headers["content-type"] ?? "")) return;
  throw malformed("The content type is not JSON. Send the request with Content-Type: application/json.");
}

function assertNotEncoded({ headers }: HttpRequest): void {
  const { "content-encoding": encoding = "identity" } = headers;
  if (encoding === "" || encoding.toLowerCase() === "identity") return;
  throw malformed("Encoded request bodies are not supported. Send the body without Content-Encoding.");
}

function malformed(reason: string): GitHubSdkError {
  return new GitHubSdkError("malformed_request", reason);
}

function tooLarge(limit: number): GitHubSdkError {
  return new GitHubSdkError("payload_too_large", `The request body exceeds the limit of ${limit} bytes.`);
}

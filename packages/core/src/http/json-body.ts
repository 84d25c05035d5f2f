import { GitHubSdkError } from "../errors.js";
import { readAtMost } from "../read-at-most.js";
import type { HttpRequest } from "./http-message.js";
import { invalidFields } from "./validation.js";

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;

/**
 * The body of a request as JSON; an empty one is an empty object.
 *
 * @param limit bytes
 * @throws GitHubSdkError `payload_too_large`; `malformed_request` for what is no JSON, or does not say that it is;
 * `validation_failed` for a name that would get lost
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
    throw malformed("It is no JSON.");
  }
}

function parsedBefore(value: unknown, contentType: string | undefined): unknown {
  if (value === undefined) {
    throw new GitHubSdkError(
      "invalid_options",
      "Something of this host has read the body before and not kept it. Mount the GitHub endpoints before it, or let it set request.body.",
    );
  }
  assertJsonType(contentType);
  return value;
}

/** Of a record such as `files`, this one entry would be left out without a word: JavaScript keeps its name for itself. */
function assertOrdinaryNames(body: unknown): void {
  for (const [field, value] of Object.entries(body ?? {})) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, "__proto__")) continue;
    throw invalidFields([{ field: `${field}.__proto__`, message: "nothing here can be called __proto__" }]);
  }
}

/** A page of another site can send any other type without asking first. */
function assertJsonType(contentType: string | undefined): void {
  if (!JSON_TYPE.test(contentType ?? "")) throw malformed("Send it with Content-Type: application/json.");
}

function malformed(reason: string): GitHubSdkError {
  return new GitHubSdkError("malformed_request", `The body cannot be read. ${reason}`);
}

function tooLarge(limit: number): GitHubSdkError {
  return new GitHubSdkError("payload_too_large", `The body is larger than the ${limit} bytes that are taken.`);
}

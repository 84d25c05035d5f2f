import type { Exchange, Json } from "./exchange.js";
import { shapeDifferences } from "./shape.js";

/** Headers that both sides must have or not have, whatever their value. */
const COMPARED_HEADERS = ["link", "location", "retry-after", "x-github-sso", "x-ms-error-code", "x-oauth-scopes"];
/** The members of a response that say why it failed. They are compared by value. */
const WORDS = ["message", "code", "field", "resource", "type", "error", "error_description", "status"];
/** The most differences of one exchange that are reported. */
const MAX_DIFFERENCES = 8;

/** Lists the differences between the exchanges of one step with the reference and with the box: status, words, headers and shape. */
export function compareExchanges(reference: readonly Exchange[], box: readonly Exchange[]): string[] {
  const labels = new Set([...reference, ...box].map(({ label }) => label));
  return [...labels].flatMap((label) => {
    const expected = reference.find((exchange) => exchange.label === label);
    const actual = box.find((exchange) => exchange.label === label);
    if (expected === undefined) return [`${label}: sent only to the box`];
    if (actual === undefined) return [`${label}: not sent to the box`];
    return differences(expected, actual)
      .slice(0, MAX_DIFFERENCES)
      .map((text) => `${label}: ${text}`);
  });
}

function differences({ response: expected }: Exchange, { response: actual }: Exchange): string[] {
  const status = expected.status === actual.status ? [] : [`status ${expected.status}, in the box ${actual.status}`];
  const headers = COMPARED_HEADERS.flatMap((name) => {
    if ((expected.headers[name] === undefined) === (actual.headers[name] === undefined)) return [];
    return [`the header ${name} is ${expected.headers[name] === undefined ? "only in the box" : "missing in the box"}`];
  });
  const expectedWords = withoutIds(words(expected.body));
  const actualWords = withoutIds(words(actual.body));
  const texts =
    expectedWords === actualWords ? [] : [`says ${expectedWords || "nothing"}, in the box ${actualWords || "nothing"}`];
  return [...status, ...texts, ...headers, ...shapeDifferences(expected.body, actual.body)];
}

/** Commits differ in their times, and with them in their IDs. */
function withoutIds(text: string): string {
  return text.replaceAll(/\b(?:[0-9a-f]{64}|[0-9a-f]{40})\b/g, "<oid>");
}

/** Returns the words of a failure; empty for a response that is not one. */
function words(body: Json): string {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return "";
  const found = Object.entries(body).flatMap(([name, value]): string[] => {
    if (name === "errors" && Array.isArray(value)) return value.map((error) => `(${words(error)})`);
    return WORDS.includes(name) && typeof value === "string" ? [`${name} ${JSON.stringify(value)}`] : [];
  });
  const isFailure = "message" in body || "error" in body || "errors" in body;
  return isFailure ? found.join(", ") : "";
}

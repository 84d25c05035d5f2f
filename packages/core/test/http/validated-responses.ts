import { type GitHubHttp, type Route, routes } from "@infrajet/github/http";
import { z } from "zod";

/** Statuses that every endpoint can return without declaring them. */
const OF_EVERY_ENDPOINT = [400, 401, 405, 408, 413, 500];

const errorSchema = z.strictObject({
  detail: z.string().min(1),
  code: z.string().regex(/^[a-z][a-z0-9_]*$/),
  errors: z.array(z.strictObject({ field: z.string(), message: z.string().min(1) })).optional(),
});

/**
 * Wraps the fetch handler of endpoints and validates each response against the endpoint's declaration: status, shape and no
 * further fields. A response that breaks it becomes status 599 with the reason as its body.
 */
export function validatedFetch(http: GitHubHttp): (request: Request) => Promise<Response> {
  return async (request) => {
    const path = new URL(request.url).pathname.slice(http.basePath.length);
    const answer = await http.fetch(request);
    if (answer.headers.get("content-type")?.startsWith("text/event-stream")) return answer;
    const route = routes.find((one) => one.method === request.method && patternOf(one).test(path));
    const breach = route === undefined ? null : breachOf(route, answer.status, await answer.clone().text());
    return breach === null ? answer : new Response(`${request.method} ${path}: ${breach}`, { status: 599 });
  };
}

/** Returns the reason why a response breaks the declaration; `null` when it does not. */
function breachOf(route: Route, status: number, text: string): string | null {
  if (status === 204 || status === 303) return text === "" ? null : "there is a body";
  const isGood = route.statuses.includes(status);
  if (isGood && route.produces === "html") return /^<!doctype html>/.test(text) ? null : `not a page: ${text}`;
  const body: unknown = JSON.parse(text);
  if (!isGood && ![...route.errors, ...OF_EVERY_ENDPOINT].includes(status)) return `${status} is not declared: ${text}`;
  const parsed = (isGood ? route.response : errorSchema).safeParse(body);
  if (!parsed.success) return `${z.prettifyError(parsed.error)} in ${text}`;
  // Parsing drops fields that the schema does not know.
  return JSON.stringify(sorted(parsed.data)) === JSON.stringify(sorted(body)) ? null : `more than declared: ${text}`;
}

function patternOf({ path }: Route): RegExp {
  return new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return entries.map(([key, inner]) => [key, sorted(inner)]);
}

import type { WebCall } from "../http/web-route.js";

/** The fields of a response of an OAuth endpoint. */
export type TokenFields = Readonly<Record<string, string | number>>;

/** Returns the parameters of a request: from a form, JSON or the query. */
export function parametersOf({ url, request, bytes }: WebCall): URLSearchParams {
  const all = new URLSearchParams(url.searchParams);
  const text = new TextDecoder().decode(bytes);
  const isJson = /\bjson\b/.test(request.headers.get("content-type") ?? "");
  const entries = isJson ? jsonEntries(text) : [...new URLSearchParams(text)];
  for (const [name, value] of entries) all.set(name, value);
  return all;
}

function jsonEntries(text: string): [string, string][] {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body !== "object" || body === null) return [];
    return Object.entries(body).map(([name, value]) => [name, String(value)]);
  } catch {
    return [];
  }
}

/** Returns the response of an OAuth endpoint: a form unless `Accept` requests JSON. */
export function encode({ request }: WebCall, status: number, fields: TokenFields): Response {
  const headers = { "Cache-Control": "no-cache" };
  if (/\bjson\b/.test(request.headers.get("accept") ?? "")) return Response.json(fields, { status, headers });
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) form.set(name, String(value));
  return new Response(form, { status, headers });
}

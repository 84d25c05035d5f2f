import type { HttpHandler } from "msw";
import { ConnectionResetError } from "./fault-response.js";

/** The exports of msw that handlers need. */
export type Msw = Pick<typeof import("msw"), "http" | "HttpResponse">;

/** Imports msw, which is an optional peer dependency. Returns `undefined` when it is not installed. */
export async function loadMsw(): Promise<Msw | undefined> {
  try {
    return await import("msw");
  } catch {
    return undefined;
  }
}

/** Returns msw handlers that pass all requests for these origins to `handle`. */
export function mswHandlers(
  { http, HttpResponse }: Msw,
  handle: (request: Request) => Promise<Response>,
  origins: readonly string[],
): HttpHandler[] {
  return origins.map((origin) =>
    http.all(`${origin}/*`, async ({ request }) => {
      try {
        return await handle(request);
      } catch (error) {
        if (error instanceof ConnectionResetError) return HttpResponse.error();
        throw error;
      }
    }),
  );
}

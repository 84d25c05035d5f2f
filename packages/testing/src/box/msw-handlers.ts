import type { HttpHandler } from "msw";
import { ConnectionResetError } from "./fault-response.js";

/** The part of msw that handlers are made with. */
export type Msw = Pick<typeof import("msw"), "http" | "HttpResponse">;

/** msw where it is installed; it is an optional peer dependency. */
export async function loadMsw(): Promise<Msw | undefined> {
  try {
    return await import("msw");
  } catch {
    return undefined;
  }
}

/** msw handlers that send everything for these origins through a fetch-style handler. */
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

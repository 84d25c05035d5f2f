import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AppManifest, type CreatedApp, convertManifest, GitHubSdkError, manifestFormUrl } from "@infrajet/github";

/** A request to create an App. */
export interface AppCreation {
  /** Returns the manifest for the address to which GitHub sends the code. */
  readonly manifest: (redirectUrl: string) => AppManifest;
  /** The organization that will own the App; `null` for the user. */
  readonly organization: string | null;
  readonly serverUrl: string;
  readonly apiUrl: string;
  /** Called with the address of the page. */
  readonly onListening: (address: string) => void;
  /** Stores the credentials, before the browser shows that the App was created. */
  readonly onCreated: (app: CreatedApp) => Promise<void>;
  readonly signal: AbortSignal;
}

const HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
  "cache-control": "no-store",
  "referrer-policy": "strict-origin",
};

/**
 * Serves a page on this machine that posts a manifest to GitHub, and receives the code for the App's credentials. Resolves when an
 * App was created and stored.
 *
 * @throws GitHubSdkError as `convertManifest`; what `onCreated` throws; the signal's reason
 */
export async function createAppInBrowser(creation: AppCreation): Promise<CreatedApp> {
  // The path of the page is secret as well: other programs on this machine must not create the App.
  const state = randomBytes(32).toString("base64url");
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = addressOf(server.address());
  const origin = `http://127.0.0.1:${port}`;
  try {
    return await new Promise<CreatedApp>((resolve, reject) => {
      creation.signal.addEventListener("abort", () => reject(creation.signal.reason), { once: true });
      creation.signal.throwIfAborted();
      server.on("request", (request: IncomingMessage, response: ServerResponse) => {
        respond(creation, { state, origin }, request, response).then((app) => app !== null && resolve(app), reject);
      });
      creation.onListening(`${origin}/${state}`);
    });
  } finally {
    server.close();
    server.closeIdleConnections();
  }
}

async function respond(
  creation: AppCreation,
  { state, origin }: { readonly state: string; readonly origin: string },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<CreatedApp | null> {
  const { pathname, searchParams } = new URL(request.url ?? "/", origin);
  const end = (status: number, body: string): void => {
    response.writeHead(status, { ...HEADERS, connection: "close" }).end(`<!doctype html><meta charset="utf-8">${body}`);
  };
  if (request.method === "GET" && pathname === `/${state}`) {
    end(200, formPage(creation, `${origin}/callback`, state));
    return null;
  }
  const code = searchParams.get("code") ?? "";
  if (request.method !== "GET" || pathname !== "/callback" || searchParams.get("state") !== state || code === "") {
    end(404, "<p>Open the address that the terminal shows.</p>");
    return null;
  }
  try {
    const app = await convertManifest({ code, apiUrl: creation.apiUrl, signal: creation.signal });
    await creation.onCreated(app);
    end(200, `<h1>${escaped(app.name)} was created</h1><p>Go back to the terminal.</p>`);
    return app;
  } catch (error) {
    end(500, "<h1>The App could not be stored</h1><p>The terminal shows the reason.</p>");
    throw error;
  }
}

function formPage({ manifest, serverUrl, organization }: AppCreation, redirectUrl: string, state: string): string {
  const action = manifestFormUrl(serverUrl, organization === null ? { state } : { state, organization });
  return `<title>Create a GitHub App</title><h1>Create a GitHub App</h1>
<p>GitHub will ask you to confirm the name of the App.</p>
<form method="post" action="${escaped(action)}">
<input type="hidden" name="manifest" value="${escaped(JSON.stringify(manifest(redirectUrl)))}">
<button type="submit">Create on GitHub</button>
</form>`;
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function addressOf(address: ReturnType<ReturnType<typeof createServer>["address"]>): { readonly port: number } {
  if (typeof address === "object" && address !== null) return address;
  throw new GitHubSdkError("internal_error", "The server on 127.0.0.1 has no port.");
}

import { readdirSync, readFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { extname, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { ConfigurationError } from "./configuration-error.js";

/** The files that .ci/dashboard.mjs builds. */
const FOLDER = new URL("../../dashboard/dist/", import.meta.url);
const INDEX = "index.html";

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff": "font/woff",
  ".woff2": "font/woff2",
};

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

/** A file of the dashboard. */
interface StaticFile {
  readonly headers: Readonly<Record<string, string | number>>;
  readonly content: Buffer;
}

/**
 * Serves the dashboard at `/`, and its scripts, styles and fonts. A framework handles all other requests.
 *
 * @throws ConfigurationError when the dashboard is not built
 */
export function withDashboard(framework: RequestListener): RequestListener {
  const files = readFiles();
  return (request, response) => {
    const { method, url = "" } = request;
    const file = method === "GET" || method === "HEAD" ? files.get(url.split("?", 1)[0] ?? "") : undefined;
    if (file === undefined) framework(request, response);
    else response.writeHead(200, file.headers).end(file.content);
  };
}

/** Reads all files, so that no path of a request reaches the file system. */
function readFiles(): ReadonlyMap<string, StaticFile> {
  try {
    const names = readdirSync(FOLDER, { recursive: true, encoding: "utf8" }).map((name) => name.split(sep).join("/"));
    return new Map(names.filter((name) => extname(name) in CONTENT_TYPES).map((name) => [pathOf(name), read(name)]));
  } catch {
    throw new ConfigurationError(
      `The dashboard is not built: ${fileURLToPath(FOLDER)} cannot be read. Start the host with npm run host:express or npm run host:fastify, which build it.`,
    );
  }
}

function pathOf(name: string): string {
  return name === INDEX ? "/" : `/${name}`;
}

function read(name: string): StaticFile {
  const content = readFileSync(new URL(name, FOLDER));
  // The names of all files but the index contain a hash of their content.
  const caching = name === INDEX ? "no-store" : "public, max-age=31536000, immutable";
  return {
    content,
    headers: {
      "content-type": CONTENT_TYPES[extname(name)] ?? "",
      "content-length": content.length,
      "cache-control": caching,
      "content-security-policy": POLICY,
      "cross-origin-opener-policy": "same-origin",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    },
  };
}

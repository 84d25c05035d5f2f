/** The roots of links in responses: GitHub's hosts, or the address that the box listens on. */
export interface Addresses {
  /** Root of the REST API without a trailing slash: `https://api.github.com` or `http://127.0.0.1:4000/api/v3`. */
  api: string;
  /** Root of the web site and of git: `https://github.com` or `http://127.0.0.1:4000`. */
  html: string;
  /** Root of raw files: `https://raw.githubusercontent.com` or `http://127.0.0.1:4000/raw`. */
  raw: string;
}

/** The service of GitHub that handles a request. */
export type Side = "rest" | "graphql" | "git" | "web";

/** The service and path of a request, and the addresses for links in its response. */
export interface Location {
  side: Side;
  path: string;
  addresses: Addresses;
}

/** The addresses of github.com. */
export const PUBLIC_ADDRESSES: Addresses = {
  api: "https://api.github.com",
  html: "https://github.com",
  raw: "https://raw.githubusercontent.com",
};

/** Paths of the web site on a host that also serves REST. */
const WEB_PATH =
  /^\/log(in|out)(\/|$)|^\/apps\/[^/]+\/installations\/|^(\/organizations\/[^/]+)?\/settings\/apps\/new$/;

const GIT_PATH = /^\/[^/]+\/[^/]+\/(info\/refs|git-upload-pack|git-receive-pack)$/;

/**
 * Finds the service of a request: by host for `api.github.com` and `github.com`, by path for any other host, which is a GitHub
 * Enterprise Server with REST at `/api/v3`, GraphQL at `/api/graphql`, and both also at the root. There, a request of a browser,
 * whose `Accept` contains `text/html`, is for the web site.
 */
export function locate(url: URL, accept: string | null = null): Location {
  const path = url.pathname;
  if (url.host === "github.com")
    return { side: GIT_PATH.test(path) ? "git" : "web", path, addresses: PUBLIC_ADDRESSES };
  if (url.host === "api.github.com") {
    return { side: path === "/graphql" ? "graphql" : "rest", path, addresses: PUBLIC_ADDRESSES };
  }
  const server = (api: string): Addresses => serverAddresses(url.origin, api);
  if (path === "/api/graphql") return { side: "graphql", path: "/graphql", addresses: server("/api/v3") };
  if (path === "/api/v3" || path.startsWith("/api/v3/")) {
    return { side: "rest", path: path.slice("/api/v3".length) || "/", addresses: server("/api/v3") };
  }
  if (path === "/graphql") return { side: "graphql", path, addresses: server("") };
  if (WEB_PATH.test(path)) return { side: "web", path, addresses: server("") };
  if (GIT_PATH.test(path)) return { side: "git", path, addresses: server("") };
  if (accept?.includes("text/html") === true) return { side: "web", path, addresses: server("") };
  return { side: "rest", path, addresses: server("") };
}

/** Returns the addresses of a server with REST below `api` and everything else at its root. */
export function serverAddresses(origin: string, api = "/api/v3"): Addresses {
  return { api: origin + api, html: origin, raw: `${origin}/raw` };
}

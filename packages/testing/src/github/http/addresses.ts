/** Where links in answers lead: GitHub's own hosts, or wherever the box listens. */
export interface Addresses {
  /** REST root without a trailing slash: `https://api.github.com`, `http://127.0.0.1:4000/api/v3`. */
  api: string;
  /** Web and git root: `https://github.com`, `http://127.0.0.1:4000`. */
  html: string;
  /** Root of raw files: `https://raw.githubusercontent.com`, `http://127.0.0.1:4000/raw`. */
  raw: string;
}

/** Which side of GitHub a request is for. */
export type Side = "rest" | "graphql" | "git" | "web";

/** A request's place: the side, the path on that side, and the links that its answer shall carry. */
export interface Location {
  side: Side;
  path: string;
  addresses: Addresses;
}

/** GitHub's own. */
export const PUBLIC_ADDRESSES: Addresses = {
  api: "https://api.github.com",
  html: "https://github.com",
  raw: "https://raw.githubusercontent.com",
};

/** Pages of the web site, where one host has everything. */
const WEB_PATH = /^\/login(\/|$)|^\/apps\/[^/]+\/installations\//;

const GIT_PATH = /^\/[^/]+\/[^/]+\/(info\/refs|git-upload-pack|git-receive-pack)$/;

/**
 * Finds out what a request is for. `api.github.com` and `github.com` are told apart by host; any other host is one
 * GitHub Enterprise Server that has everything: REST under `/api/v3`, GraphQL under `/api/graphql`, git by path, and REST
 * and GraphQL at the root too.
 */
export function locate(url: URL): Location {
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
  return { side: "rest", path, addresses: server("") };
}

/** Those of a server that has everything: REST below `api`, the rest at its root. */
export function serverAddresses(origin: string, api = "/api/v3"): Addresses {
  return { api: origin + api, html: origin, raw: `${origin}/raw` };
}

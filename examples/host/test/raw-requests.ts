/** A request as bytes of a connection, and the statuses that a host may respond with. */
export interface RawRequest {
  readonly name: string;
  /** One character for each byte. */
  readonly bytes: string;
  readonly status: number | readonly number[];
  /** The `code` of the response. Defaults to any. */
  readonly code?: string;
}

const BASE = "/api/v1/github";

function request(line: string, headers: readonly string[] = [], body = ""): string {
  return [`${line} HTTP/1.1`, "Host: host", "Connection: close", ...headers, "", body].join("\r\n");
}

const get = (path: string): string => request(`GET ${path}`);
const post = (path: string, headers: readonly string[], body = ""): string => request(`POST ${path}`, headers, body);
const JSON_TYPE = "Content-Type: application/json";
const PLAN = `${BASE}/sync/plan`;

const PATHS: readonly RawRequest[] = [
  ["an unknown path", "/nothing", 404],
  ["an unknown path below the endpoints", `${BASE}/nothing`, 404],
  ["the base path", BASE, 404],
  ["the base path with a slash", `${BASE}/`, 404],
  ["another case", `${BASE.toUpperCase()}/health`, 404],
  ["a trailing slash", `${BASE}/live/`, 404],
  ["double slashes", `${BASE}//live`, 404],
  ["double slashes at the start", `/${BASE}/live`, 404],
  ["dot segments", `${BASE}/./live`, 404],
  ["dot segments that leave the endpoints", `${BASE}/../../x`, 404],
  ["encoded dot segments", `${BASE}/%2e%2e/live`, 404],
  ["invalid percent-encoding", `${BASE}/sync/history/%zz`, [400, 404]],
  ["unfinished percent-encoding", `${BASE}/sync/history/%`, [400, 404]],
  ["percent-encoding that is not UTF-8", `${BASE}/sync/history/%ff%fe`, [400, 404]],
  ["invalid percent-encoding outside the endpoints", "/%zz", [400, 404]],
  ["raw bytes that are not ASCII", `${BASE}/sync/history/\xff\xfe`, [400, 401, 404]],
  ["an encoded NUL", `${BASE}/sync/history/%00`, [401, 404]],
  ["a NUL", `${BASE}/sync/history/\0`, 400],
  ["a space", `${BASE}/sync/history/a b`, 400],
  ["a long segment", `${BASE}/sync/history/${"a".repeat(5_000)}`, [401, 404]],
  ["a fragment", `${BASE}/live#part`, [200, 400, 404]],
  ["no slash", "live", [400, 404]],
].map(([name, path, status]) => ({ name: `a path with ${name}`, bytes: get(String(path)), status: status as number }));

const METHODS: readonly RawRequest[] = [
  ...["DELETE", "PUT", "PATCH", "TRACE", "PROPFIND", "M-SEARCH", "LINK"].map((method) => ({
    name: `the method ${method}`,
    bytes: request(`${method} ${BASE}/live`),
    status: 405,
    code: "method_not_allowed",
  })),
  { name: "the method QUERY", bytes: request(`QUERY ${BASE}/live`), status: [400, 405] },
  { name: "the method of another endpoint", bytes: get(PLAN), status: 405 },
  { name: "an unknown method", bytes: request(`BREW ${BASE}/live`), status: 400 },
  { name: "a method in lower case", bytes: request(`get ${BASE}/live`), status: 400 },
  { name: "the method CONNECT", bytes: request("CONNECT host:443"), status: 405 },
  { name: "the method TRACE outside the endpoints", bytes: request("TRACE /"), status: [404, 405] },
  { name: "OPTIONS for the server", bytes: request("OPTIONS *"), status: 404 },
];

const HEADERS: readonly RawRequest[] = [
  { name: "no Host", bytes: `GET ${BASE}/live HTTP/1.1\r\nConnection: close\r\n\r\n`, status: 400 },
  { name: "an unknown Expect", bytes: request(`GET ${BASE}/live`, ["Expect: magic"]), status: 417 },
  { name: "a header without a colon", bytes: request(`GET ${BASE}/live`, ["Broken"]), status: 400 },
  { name: "a header with a NUL", bytes: request(`GET ${BASE}/live`, ["X-A: a\0b"]), status: 400 },
  { name: "a folded header", bytes: request(`GET ${BASE}/live`, ["X-A: a", " b"]), status: [200, 400] },
  { name: "large headers", bytes: request(`GET ${BASE}/live`, [`X-A: ${"a".repeat(20_000)}`]), status: 431 },
  { name: "another HTTP version", bytes: `GET ${BASE}/live HTTP/9.9\r\nHost: host\r\n\r\n`, status: 400 },
  { name: "the preface of HTTP/2", bytes: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", status: 400 },
  { name: "bytes that are not HTTP", bytes: "\x16\x03\x01\x02\x00\x01\r\n\r\n", status: 400 },
  {
    name: "a token with bytes that are not ASCII",
    bytes: request(`GET ${BASE}/repositories`, ["Authorization: Bearer \xff"]),
    status: 401,
  },
  { name: "a WebSocket without a key", bytes: webSocket([]), status: [400, 401] },
  { name: "a WebSocket of another version", bytes: webSocket(["Sec-WebSocket-Version: 1"]), status: [400, 401] },
  { name: "the WebSocket's path without an upgrade", bytes: get(`${BASE}/ws`), status: 404 },
];

const BODIES: readonly (readonly [name: string, headers: readonly string[], body: string])[] = [
  ["another content type", ["Content-Type: text/xml", "Content-Length: 2"], "{}"],
  ["an invalid content type", ["Content-Type: ,;", "Content-Length: 2"], "{}"],
  ["a form", ["Content-Type: multipart/form-data", "Content-Length: 2"], "{}"],
  ["invalid JSON", [JSON_TYPE, "Content-Length: 1"], "{"],
  ["an unknown content encoding", [JSON_TYPE, "Content-Encoding: magic", "Content-Length: 2"], "{}"],
  ["two different lengths", [JSON_TYPE, "Content-Length: 2", "Content-Length: 3"], "{} "],
  ["two equal lengths", [JSON_TYPE, "Content-Length: 2", "Content-Length: 2"], "{}"],
  ["a negative length", [JSON_TYPE, "Content-Length: -1"], ""],
  ["a length that is not a number", [JSON_TYPE, "Content-Length: two"], "{}"],
  ["a length over all limits", [JSON_TYPE, "Content-Length: 99999999999999999999"], ""],
  ["a length and a transfer encoding", [JSON_TYPE, "Content-Length: 2", "Transfer-Encoding: chunked"], "0\r\n\r\n"],
  ["an unknown transfer encoding", [JSON_TYPE, "Transfer-Encoding: magic"], ""],
  ["chunked encoding that is not the last", [JSON_TYPE, "Transfer-Encoding: chunked, gzip"], "0\r\n\r\n"],
  ["an invalid chunk size", [JSON_TYPE, "Transfer-Encoding: chunked"], "zz\r\n{}\r\n0\r\n\r\n"],
  ["large chunk extensions", [JSON_TYPE, "Transfer-Encoding: chunked"], `2;${"a".repeat(20_000)}\r\n{}\r\n0\r\n\r\n`],
];

/** Returns requests with unusual bodies for an endpoint, the webhook and unknown paths. */
function bodyRequests(token: string): readonly RawRequest[] {
  const credentials = `Authorization: Bearer ${token}`;
  return BODIES.flatMap(([name, headers, body]) =>
    [PLAN, `${BASE}/webhook`, `${BASE}/nothing`, "/nothing"].map((path) => ({
      name: `${name} for ${path}`,
      bytes: post(path, [...headers, credentials], body),
      status: path === PLAN ? [400, 413, 415] : [400, 401, 404, 413, 415],
    })),
  );
}

function webSocket(headers: readonly string[]): string {
  return [
    `GET ${BASE}/ws HTTP/1.1`,
    "Host: host",
    "Connection: Upgrade",
    "Upgrade: websocket",
    ...headers,
    "",
    "",
  ].join("\r\n");
}

/** Returns requests that a host rejects with an error in JSON, whether Node, the framework or an endpoint rejects them. */
export function rawRequests(token: string): readonly RawRequest[] {
  return [...PATHS, ...METHODS, ...HEADERS, ...bodyRequests(token)];
}

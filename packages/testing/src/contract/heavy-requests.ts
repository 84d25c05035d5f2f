import { type Route, routes } from "@infrajet/github/http";

/** A request that is expensive by its size, depth or number of values. */
export interface HeavyRequest {
  /** Names the endpoint and the kind of body, for the error message. */
  readonly name: string;
  readonly method: string;
  /** The path below the base path, with the query. */
  readonly path: string;
  readonly body: Buffer;
  /** The body is sent in pieces of this size, with a turn of the event loop between them. */
  readonly pieceBytes: number;
}

type Random = (below: number) => number;

const KIB = 1024;
const SIZES = [16 * KIB, 250 * KIB, 1_000 * KIB, 2_100 * KIB, 10_000 * KIB];
const UNITS = ["/", " ", "a", "../", "a/", "\n", "é", "\\u0000", "\\ud83d", "=", ".", "A+/=", "%2f", "\\\\", "-"];
const ITEMS = [
  '""',
  "{}",
  "[]",
  "0",
  "null",
  '"a/b"',
  '"../x"',
  '{"content":""}',
  '{"content":"!","encoding":"base64"}',
];

/** Returns random requests to every endpoint. The same seed gives the same requests. */
export function* heavyRequests(seed: number, count: number): Generator<HeavyRequest> {
  const random = randomOf(seed);
  for (let index = 0; index < count; index += 1) {
    const route = routes[(index + random(3)) % routes.length];
    if (route !== undefined) yield heavyRequest(route, random);
  }
}

function heavyRequest(route: Route, random: Random): HeavyRequest {
  const { method } = route;
  const path = route.path.replaceAll(/\{\w+\}/g, () => encoded(pick(UNITS, random), 2 * KIB));
  if (method === "GET") {
    const name = pick(["page", "cursor", "state", "code", "limit", "repository_full_name", "x"], random);
    const query = `${name}=${encoded(pick(UNITS, random), 8 * KIB)}`;
    return {
      name: `GET ${route.path} with a long ${name}`,
      method,
      path: `${path}?${query}`,
      body: Buffer.alloc(0),
      pieceBytes: 1,
    };
  }
  const size = pick(SIZES, random);
  const kind = pick(["long text", "list", "object", "nested lists", "nested objects", "escapes"], random);
  const value = jsonOf(kind, size, random);
  const field = pick([...Object.keys(route.input.body?.shape ?? {}), "unknown"], random);
  const body = Buffer.from(pick([objectWith(route, field, value), value], random));
  const pieceBytes = pick([1 * KIB, 64 * KIB, body.length], random);
  return { name: `${method} ${route.path} with ${kind} of ${size} bytes in ${field}`, method, path, body, pieceBytes };
}

/** A body whose other fields are valid, so that validation reaches the field. */
function objectWith(route: Route, field: string, value: string): string {
  const rest = Object.keys(route.input.body?.shape ?? {}).filter((name) => name !== field && name in VALID);
  return `{${rest.map((name) => `"${name}":${JSON.stringify(VALID[name])},`).join("")}"${field}":${value}}`;
}

const VALID: Readonly<Record<string, unknown>> = {
  project_id: "network",
  repository_full_name: "octo/network",
  installation_id: 1,
  repo_owner: "octo",
  repo_name: "network",
  name: "network",
  commit_message: "Add files",
  files: {},
  code: "x",
  state: "x".repeat(16),
  sync_record_id: 1,
  sync_all_files: false,
  user_access_token: "x",
};

function jsonOf(kind: string, size: number, random: Random): string {
  switch (kind) {
    case "list":
      return `[${repeated(`${pick(ITEMS, random)},`, size)}0]`;
    case "object":
      return `{${repeatedBy((index) => `"f${index}":${pick(ITEMS, random)},`, size)}"z":0}`;
    case "nested lists":
      return `${"[".repeat(size / 2)}${"]".repeat(size / 2)}`;
    case "nested objects":
      return `${repeated('{"a":', size)}1${"}".repeat(Math.floor(size / 5))}`;
    case "escapes":
      return `{"a":"${repeated("\\u0041", size)}"}`;
    default:
      return `"${repeated(pick(UNITS, random), size).replaceAll("\n", "\\n")}"`;
  }
}

function encoded(unit: string, size: number): string {
  const text = encodeURIComponent(unit);
  return text.repeat(Math.floor(size / text.length));
}

function repeated(unit: string, size: number): string {
  return unit.repeat(Math.ceil(size / unit.length));
}

function repeatedBy(make: (index: number) => string, size: number): string {
  const parts: string[] = [];
  for (let length = 0; length < size; length += parts.at(-1)?.length ?? 1) parts.push(make(parts.length));
  return parts.join("");
}

function pick<Value>(values: readonly [Value, ...Value[]] | readonly Value[], random: Random): Value {
  const value = values[random(values.length)];
  if (value === undefined) throw new Error("There is nothing to pick from.");
  return value;
}

/** mulberry32, by Tommy Ettinger. */
function randomOf(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

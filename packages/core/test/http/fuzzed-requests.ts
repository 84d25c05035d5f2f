import { createHmac } from "node:crypto";
import { type Route, routes } from "@infrajet/github/http";
import fc from "fast-check";

/** A random request. */
export interface FuzzedRequest {
  readonly method: string;
  /** The path below the base path, with the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | null;
  /** The user whose token is sent; `null` for none. */
  readonly caller: Caller | null;
}

/** A connected user, one who is also connected with the App, one without a connection, and an invalid token. */
export type Caller = "connected" | "installed" | "stranger" | "liar";

/** Existing names and ids, so that random requests get past the first validation. */
export interface KnownThings {
  readonly owner: string;
  readonly repository: string;
  readonly installationId: number;
  readonly webhookSecret: string;
}

const NASTY = [
  ...["", " ", ".", "..", "../x", "a/b", "a\\b", "%2e%2e", "%00", "\0", "\u{1f511}", "\ud800", "K\u00e4se", "null"],
  ...["__proto__", "constructor", "toString", "[object Object]", "-1", "1e3", "0x10", "NaN", "9007199254740993"],
  ...["refs/heads/main", "-x", "a..b", ".git", "a.lock", "@{", "x".repeat(300), "x".repeat(20_000), "'; --", "<b>"],
];
const text = fc.oneof(fc.constantFrom(...NASTY), fc.string(), fc.string({ unit: "binary", maxLength: 300 }));
const number = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.constantFrom(0, -0, -1, 1, 2 ** 31, 2 ** 53, -(2 ** 53), 1.5, 1e308),
);
const anything = fc.oneof(fc.jsonValue({ maxDepth: 4 }), text, number, fc.constant(null));

/** Random requests to every endpoint: valid, almost valid and malformed. */
export function fuzzedRequests(known: KnownThings): fc.Arbitrary<FuzzedRequest> {
  return fc.constantFrom(...routes).chain((route) => requestTo(route, known));
}

function requestTo(route: Route, known: KnownThings): fc.Arbitrary<FuzzedRequest> {
  return fc
    .record({
      method: usually(route.method, fc.constantFrom("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH")),
      path: pathOf(route, known),
      query: queryOf(route, known),
      headers: headersOf(route),
      content: contentOf(route, known),
      caller: fc.constantFrom<Caller | null>(
        ...callers("connected", 4),
        ...callers("installed", 4),
        "stranger",
        "liar",
        null,
      ),
    })
    .map(({ path, query, content, ...request }) => {
      const hasBody = !["GET", "HEAD"].includes(request.method);
      const headers = { ...content.headers, ...request.headers };
      return { ...request, headers, path: `${path}${query}`, body: hasBody ? content.body : null };
    });
}

function callers(caller: Caller, times: number): Caller[] {
  return Array.from({ length: times }, () => caller);
}

function usually<Value>(value: Value, otherwise: fc.Arbitrary<Value>): fc.Arbitrary<Value> {
  return fc.oneof({ weight: 12, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: otherwise });
}

function pathOf({ path, input }: Route, known: KnownThings): fc.Arbitrary<string> {
  const names = Object.keys(input.params?.shape ?? {});
  const raw = fc.constantFrom("%", "%zz", "%c3", "%00", "%2F", "a%2fb", "?", "#", ";x=1");
  const segment = (name: string) =>
    fc.oneof(
      { weight: 3, arbitrary: fieldOf(name, known).map((value) => encoded(String(value))) },
      { weight: 2, arbitrary: text.map(encoded) },
      { weight: 1, arbitrary: raw },
    );
  return fc
    .tuple(...names.map(segment))
    .map((values) => names.reduce((made, name, index) => made.replace(`{${name}}`, () => values[index] ?? ""), path));
}

function queryOf({ input }: Route, known: KnownThings): fc.Arbitrary<string> {
  const names = [...Object.keys(input.query?.shape ?? {}), "unknown", "__proto__"];
  const pair = fc
    .constantFrom(...names)
    .chain((name) => fc.tuple(fc.constant(name), fc.oneof(fieldOf(name, known).map(String), text)))
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`);
  const raw = fc.constantFrom("", "%", "&&=&", "page=%zz", "state=%c3", `page=${"9".repeat(5_000)}`);
  return fc
    .oneof(
      { weight: 9, arbitrary: fc.array(pair, { maxLength: 4 }) },
      { weight: 1, arbitrary: raw.map((one) => [one]) },
    )
    .map((pairs) => (pairs.length === 0 ? "" : `?${pairs.join("&")}`));
}

function headersOf({ input }: Route): fc.Arbitrary<Record<string, string>> {
  const names = [...Object.keys(input.headers?.shape ?? {}), "cookie", "x-unknown", "accept", "x-forwarded-proto"];
  const value = fc
    .oneof(fc.string(), fc.string({ maxLength: 3_000 }))
    .map((one) => one.replaceAll(/[^\x20-\x7e]/g, "~"));
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 2 }) },
  );
}

interface Content {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

function contentOf(route: Route, known: KnownThings): fc.Arbitrary<Content> {
  if (route.auth === "signature") return delivery(known);
  const json = { "content-type": "application/json" };
  const fields = Object.keys(route.input.body?.shape ?? {});
  const right = fc.record(Object.fromEntries(fields.map((name) => [name, fieldOf(name, known)])));
  const nearly = right.chain((body) =>
    fc
      .dictionary(fc.constantFrom(...fields, "unknown"), anything, { maxKeys: 2 })
      .map((changes) => JSON.stringify({ ...body, ...changes })),
  );
  const partial = right.chain((body) =>
    fc.subarray(Object.entries(body)).map((some) => JSON.stringify(Object.fromEntries(some))),
  );
  return fc.oneof(
    { weight: 4, arbitrary: right.map((body) => ({ headers: json, body: JSON.stringify(body) })) },
    { weight: 4, arbitrary: nearly.map((body) => ({ headers: json, body })) },
    { weight: 2, arbitrary: partial.map((body) => ({ headers: json, body })) },
    { weight: 1, arbitrary: anything.map((body) => ({ headers: json, body: JSON.stringify(body) ?? "" })) },
    { weight: 1, arbitrary: fc.uint8Array().map((body) => ({ headers: json, body })) },
    { weight: 1, arbitrary: text.map((body) => ({ headers: {}, body })) },
  );
}

function delivery({ webhookSecret }: KnownThings): fc.Arbitrary<Content> {
  const events = [
    "ping",
    "push",
    "installation",
    "installation_repositories",
    "repository",
    "github_app_authorization",
  ];
  const payload = fc.oneof(
    fc.record({
      action: fc.constantFrom("created", "deleted", "revoked", "x"),
      installation: anything,
      repository: anything,
    }),
    anything,
  );
  return fc
    .record({
      event: fc.oneof(fc.constantFrom(...events, "star"), fc.string({ maxLength: 20 })),
      id: fc.oneof(fc.uuid(), fc.constantFrom("same", ""), fc.string({ maxLength: 120 })),
      payload: payload.map((value) => JSON.stringify(value) ?? ""),
      isSigned: fc.boolean(),
      signature: fc.string(),
    })
    .map(({ event, id, payload: body, isSigned, signature }) => ({
      body,
      headers: printable({
        "content-type": "application/json",
        "x-github-event": event,
        "x-github-delivery": id,
        "x-hub-signature-256": isSigned
          ? `sha256=${createHmac("sha256", webhookSecret).update(body).digest("hex")}`
          : signature,
      }),
    }));
}

function printable(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, value.replaceAll(/[^\x20-\x7e]/g, "~")]),
  );
}

/** Plausible values for a field. */
function fieldOf(name: string, { owner, repository, installationId }: KnownThings): fc.Arbitrary<unknown> {
  const right = Object.hasOwn(RIGHT, name) ? RIGHT[name] : undefined;
  if (right !== undefined) return right;
  if (name === "installation_id") return usually<unknown>(installationId, number);
  if (name === "repository_full_name") return usually<unknown>(`${owner}/${repository}`, text);
  if (name === "owner" || name === "repo_owner") return usually<unknown>(owner, text);
  if (name === "repo" || name === "repo_name") return usually<unknown>(repository, text);
  return text;
}

const files = fc.dictionary(
  fc.oneof(fc.constantFrom("a.tf", "modules/b.tf", ".github/workflows/x.yml"), text),
  fc.oneof(
    fc.string(),
    fc.constant(null),
    fc.record({
      content: fc.base64String(),
      encoding: fc.constant("base64"),
      mode: fc.constantFrom("100644", "100755"),
    }),
    anything,
  ),
  { maxKeys: 3 },
);

const RIGHT: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  project_id: fc.constantFrom("network", "storage", "nothing-here"),
  branch: fc.constantFrom("main", "dev", "feature/x", "no-such"),
  commit_message: fc.constantFrom("Sync", "", "Two\n\nlines"),
  directory: fc.constantFrom("", "infra", "/infra/", "a/b"),
  conflict_strategy: fc.constantFrom("fail", "merge", "ours", "theirs", "pull_request"),
  check_conflicts: fc.boolean(),
  sync_all_files: fc.boolean(),
  file_paths: fc.array(fc.constantFrom("main.tf", "gone.tf", "modules/a.tf")),
  wait: fc.constantFrom(0, 0.01, 1, 1e9),
  sync_record_id: fc.integer({ min: 1, max: 60 }),
  max_retries: fc.integer({ min: 0, max: 5 }),
  revoke_token: fc.boolean(),
  page: fc.integer({ min: -1, max: 5 }),
  per_page: fc.integer({ min: -1, max: 120 }),
  limit: fc.integer({ min: -1, max: 120 }),
  cursor: fc.constantFrom("3", "1", "x", "eyJ9"),
  state: fc.constantFrom("s-1", "s-2", "a state with spaces"),
  code: fc.constantFrom("0123456789abcdef", "x"),
  error: fc.constantFrom("access_denied", "what?", "__proto__"),
  client: fc.constantFrom("oauth", "app"),
  suggested_target_id: fc.integer({ min: 0, max: 100 }),
  files,
  permissions: fc.constantFrom({ contents: "read" }, { contents: "write" }, {}, { "no such": "read" }),
  repositories: fc.array(text, { maxLength: 2 }),
  private: fc.boolean(),
  name: fc.oneof(fc.uuid(), text),
  description: text,
  user_access_token: fc.oneof(fc.constant("ghu_0123456789abcdef0123456789abcdef0123"), text),
};

/** Removes lone surrogates, which cannot be encoded in a URL. */
function encoded(value: string): string {
  return encodeURIComponent(Buffer.from(value, "utf8").toString("utf8"));
}

import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { anonymizer, type PrivateTexts } from "./anonymize.js";
import { type Exchange, type Json, RECORDED_HEADERS } from "./exchange.js";
import { runGit } from "./git.js";

/** The service that a step talks to: GitHub, or a box that stands for it. */
export interface Service {
  /** `github` or `box`. */
  readonly name: string;
  readonly apiUrl: string;
  readonly serverUrl: string;
  readonly token: string;
  readonly login: string;
  /** The account that owns the repositories of the check: the login, or an organization. */
  readonly owner: string;
  /** A token without the scope `workflow`; `null` when there is none. */
  readonly limitedToken: string | null;
  /** True when push protection is on for new repositories. */
  readonly hasPushProtection: boolean;
  /** Sets the rules of a branch, and removes them with an empty list. */
  readonly setRules: (target: Target, branch: string, rules: readonly string[]) => Promise<void>;
  /** Sets classic protection that requires pull requests, or removes it. */
  readonly protect: (target: Target, branch: string, isOn: boolean) => Promise<void>;
  /** The apps that the steps 12 and 13 use; `null` when none is configured. */
  readonly oauth: OAuthAccess | null;
  readonly app: AppAccess | null;
  /** The storage account of step 15; `null` when none is configured. */
  readonly azureConnection: string | null;
  /** Milliseconds between two requests that write. @see https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api#pause-between-mutative-requests */
  readonly writePauseMs: number;
  /** Milliseconds between two reads of a ref that lags behind a write. */
  readonly pollMs: number;
}

/** An OAuth client, and how its user authorizes it. */
export interface OAuthAccess {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Opens an authorization URL as the user. Resolves with the code that GitHub redirects with. */
  readonly authorize: (url: string) => Promise<string>;
  readonly redirectUri: string;
}

/** A GitHub App and one of its installations. */
export interface AppAccess {
  readonly appId: number;
  readonly privateKey: string;
  readonly installationId: number;
}

/** A received response. */
export interface TargetResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Json;
}

/** Settings of a request that its step needs to change. */
export interface RequestSettings {
  /** The `Authorization` header. Defaults to the token; `null` sends none. */
  readonly authorization?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** Follows redirects. Defaults to false. */
  readonly follow?: boolean;
  /** Records neither the body of the request nor that of the response, because they are large. */
  readonly isLarge?: boolean;
}

const TIMEOUT_MS = 90_000;
const MAX_RESPONSE_BYTES = 32 * 1024 * 1024;
/** Larger bodies are recorded by their size only. */
const MAX_RECORDED_BYTES = 64 * 1024;
/** The number of the exchanges before the first step. */
const PREPARATION = -1;
const API_VERSION = "2022-11-28";
const oidSchema = z.object({ sha: z.string() });
const headSchema = z.object({ object: oidSchema });

/** Sends the requests of a step to a service and records them. */
export class Target {
  readonly service: Service;
  /** The repositories of the check begin with this name. */
  readonly repository: string;
  readonly exchanges: Exchange[] = [];
  /** The repositories that were created or may have been, as `owner/name`. */
  readonly created = new Set<string>();
  /** Answers to open questions, by question. */
  #settled = new Map<string, string>();
  readonly #anonymize: (value: Json) => Json;
  readonly #signal: AbortSignal;
  #step = PREPARATION;
  /** The time from which the next request may write, in milliseconds since the epoch. */
  #nextWriteAt = 0;

  constructor(service: Service, repository: string, texts: PrivateTexts, signal: AbortSignal) {
    this.service = service;
    this.repository = repository;
    this.#anonymize = anonymizer(texts);
    this.#signal = signal;
  }

  /** Path of the repository in the API. */
  get at(): string {
    return `/repos/${this.service.owner}/${this.repository}`;
  }

  /** Begins a step. Its exchanges have its number. */
  begin(step: number): void {
    this.#step = step;
  }

  /** Sends a REST request. `path` is a path of the API or a whole URL of the service. */
  async rest(
    label: string,
    method: string,
    path: string,
    body?: Json,
    settings: RequestSettings = {},
  ): Promise<TargetResponse> {
    const { authorization = `Bearer ${this.service.token}` } = settings;
    if (method !== "GET") await this.#waitForWrite();
    const response = await fetch(path.startsWith("http") ? path : this.service.apiUrl + path, {
      method,
      headers: {
        accept: "application/vnd.github+json",
        "user-agent": "infrajet-live-check",
        "x-github-api-version": API_VERSION,
        ...(authorization === null ? {} : { authorization }),
        ...settings.headers,
      },
      redirect: settings.follow === true ? "follow" : "manual",
      signal: AbortSignal.any([this.#signal, AbortSignal.timeout(TIMEOUT_MS)]),
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const answer = { status: response.status, headers: response.headers, body: await readBody(response) };
    const recorded =
      settings.isLarge === true ? { request: null, response: null } : { request: body ?? null, response: answer.body };
    this.record(label, { method, path: pathOf(path), body: recorded.request }, { ...answer, body: recorded.response });
    return answer;
  }

  async #waitForWrite(): Promise<void> {
    const wait = this.#nextWriteAt - Date.now();
    if (wait > 0) await delay(wait, undefined, { signal: this.#signal });
    this.#nextWriteAt = Date.now() + this.service.writePauseMs;
  }

  /** Sends a GraphQL request. */
  async graphql(
    label: string,
    query: string,
    variables: Json = {},
    settings: RequestSettings = {},
  ): Promise<TargetResponse> {
    const { apiUrl } = this.service;
    const url = apiUrl.endsWith("/api/v3") ? `${apiUrl.slice(0, -"/v3".length)}/graphql` : `${apiUrl}/graphql`;
    return this.rest(label, "POST", url, { query, variables }, settings);
  }

  /** Sends a REST request that must succeed. @throws Error with its status */
  async must(
    label: string,
    method: string,
    path: string,
    body?: Json,
    settings?: RequestSettings,
  ): Promise<TargetResponse> {
    const answer = await this.rest(label, method, path, body, settings);
    if (answer.status < 400) return answer;
    throw new Error(`${label}: ${method} ${pathOf(path)} returned ${answer.status}: ${JSON.stringify(answer.body)}`);
  }

  /** Runs git with the token in the environment, where no list of processes shows it. Records its exit code and its complaints. */
  async git(label: string, args: readonly string[], folder: string, input?: string): Promise<number> {
    const { code, complaints } = await runGit(args, {
      folder,
      serverUrl: this.service.serverUrl,
      token: this.service.token,
      signal: this.#signal,
      ...(input === undefined ? {} : { input }),
    });
    this.record(
      label,
      { method: "GIT", path: args.map((arg) => (arg.startsWith("http") ? pathOf(arg) : arg)).join(" "), body: null },
      { status: code, headers: new Headers(), body: code === 0 ? null : { message: complaints } },
    );
    return code;
  }

  /** Creates a blob. Returns its ID. */
  async blob(label: string, content: string): Promise<string> {
    const { body } = await this.must(label, "POST", `${this.at}/git/blobs`, { content, encoding: "utf-8" });
    return oidSchema.parse(body).sha;
  }

  /** Creates a commit with a tree on a parent. Returns its ID. */
  async commit(label: string, tree: string, parents: readonly string[]): Promise<string> {
    const { body } = await this.must(label, "POST", `${this.at}/git/commits`, { message: label, tree, parents });
    return oidSchema.parse(body).sha;
  }

  /** Creates a tree. Returns its ID. */
  async tree(label: string, entries: readonly Json[], base?: string): Promise<string> {
    const tree = { tree: entries, ...(base === undefined ? {} : { base_tree: base }) };
    const { body } = await this.must(label, "POST", `${this.at}/git/trees`, tree);
    return oidSchema.parse(body).sha;
  }

  /**
   * Sends a request that is not compared, such as the preparation of a step. Returns the body; `null` when there is none or the
   * status is 404.
   *
   * @throws Error for any other status that is not a success
   */
  async withoutRecord(method: string, path: string, body?: Json): Promise<Json> {
    const response = await fetch(this.service.apiUrl + path, {
      method,
      headers: { authorization: `Bearer ${this.service.token}`, "user-agent": "infrajet-live-check" },
      signal: AbortSignal.any([this.#signal, AbortSignal.timeout(TIMEOUT_MS)]),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = await readBody(response);
    if (response.status === 404) return null;
    if (response.ok) return answer;
    throw new Error(`${method} ${path} returned ${response.status}: ${JSON.stringify(answer)}`);
  }

  /** Returns the head of a branch without recording the request. @throws Error when the branch does not exist */
  async head(branch: string): Promise<string> {
    return headSchema.parse(await this.withoutRecord("GET", `${this.at}/git/ref/heads/${branch}`)).object.sha;
  }

  /** Resolves when a branch has a head. Returns the number of reads that still had another one; at most 30 are sent. */
  async readsUntil(branch: string, head: string): Promise<number> {
    for (let reads = 0; reads < 30; reads += 1) {
      if ((await this.head(branch)) === head) return reads;
      await delay(this.service.pollMs, undefined, { signal: this.#signal });
    }
    return 30;
  }

  /** Creates a branch at a commit. */
  async branch(name: string, sha: string): Promise<void> {
    await this.must(`create the branch ${name}`, "POST", `${this.at}/git/refs`, { ref: `refs/heads/${name}`, sha });
  }

  /** Notes the answer to an open question. */
  settle(question: string, answer: string): void {
    this.#settled.set(question, answer);
  }

  /** Returns the answers since the last call, by question. */
  takeSettled(): ReadonlyMap<string, string> {
    const settled = this.#settled;
    this.#settled = new Map();
    return settled;
  }

  /** Records an exchange without its private texts. */
  record(
    label: string,
    request: { method: string; path: string; body: Json },
    response: { status: number; headers: Headers; body: Json },
  ): void {
    const headers = Object.fromEntries(
      RECORDED_HEADERS.flatMap((name) => {
        const value = response.headers.get(name);
        return value === null ? [] : [[name, String(this.#anonymize(value))]];
      }),
    );
    this.exchanges.push({
      step: this.#step,
      label,
      request: {
        method: request.method,
        path: String(this.#anonymize(request.path)),
        headers: {},
        body: this.#anonymize(recordable(request.body)),
      },
      response: { status: response.status, headers, body: this.#anonymize(recordable(response.body)) },
    });
  }
}

function recordable(body: Json): Json {
  const bytes = JSON.stringify(body).length;
  return bytes <= MAX_RECORDED_BYTES ? body : { omitted_bytes: bytes };
}

function pathOf(url: string): string {
  if (!url.startsWith("http")) return url;
  const { pathname, search } = new URL(url);
  return pathname + search;
}

/** Reads a body of limited size as JSON, or as text when it is not JSON. @throws Error when it is larger */
async function readBody(response: Response): Promise<Json> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    bytes += chunk.byteLength;
    if (bytes > MAX_RESPONSE_BYTES) throw new Error(`The response of ${pathOf(response.url)} is larger than 32 MiB.`);
  }
  const text = Buffer.concat(chunks).toString();
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

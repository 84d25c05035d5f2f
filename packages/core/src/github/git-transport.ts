import type { Clock } from "../adapters/clock.js";
import { GitHubSdkError, isGitHubSdkError } from "../errors.js";
import { type TimeoutSignal, timeoutSignal } from "../timing/timeout-signal.js";
import { timeoutError, unavailableError } from "./error-mapping.js";
import { followRedirects, redirectRefused } from "./follow-redirects.js";
import type { GitHubResponse, GitRequest, StreamedBody } from "./github-client.js";

/** Sends one request to where GitHub serves git; error statuses are answers too. */
export type GitTransport = (request: GitRequest, token: string, signal: AbortSignal) => Promise<GitHubResponse>;

/** Where GitHub serves git, and how it is asked. */
export interface GitTransportOptions {
  /** GitHub's web address, without a trailing slash. */
  readonly serverUrl: string;
  readonly userAgent: string;
  readonly clock: Clock;
  /** How long the server may take between two pieces of the body, and for its answer. */
  readonly timeoutMs: number;
}

const SERVICE = "git-receive-pack";
const ADVERTISEMENT = `/info/refs?service=${SERVICE}`;
// A report on one branch, and what hooks say to a person, are far smaller.
const LONGEST_ANSWER = 4 * 1024 * 1024;

/**
 * Git's smart HTTP protocol, as far as a push needs it: the body is streamed with a length that is known before.
 *
 * The transport throws GitHubSdkError `github_timeout`, `github_redirect_refused`, `github_unavailable` and
 * `writer_refused`, the signal's reason, and what the body's pieces throw.
 *
 * @see https://git-scm.com/docs/gitprotocol-http
 */
export function createGitTransport({ serverUrl, userAgent, clock, timeoutMs }: GitTransportOptions): GitTransport {
  return async ({ repository, body }, token, signal) => {
    const timeout = timeoutSignal(clock, timeoutMs, timeoutError(), signal);
    const headers = { "user-agent": userAgent, authorization: basicAuthorization(token) };
    const upload = body === null ? null : new Upload(body, timeout);
    const advertisement = (base: string): Promise<Response> =>
      followRedirects(base + ADVERTISEMENT, (target) =>
        globalThis.fetch(target, { headers, redirect: "manual", signal: timeout.signal }),
      );
    const base = `${serverUrl}/${repository}.git`;
    try {
      const response =
        upload === null ? await advertisement(base) : await upload.sendTo(base, headers, () => advertisement(base));
      return await readAnswer(response);
    } catch (error) {
      if (timeout.signal.aborted) throw timeout.signal.reason;
      if (upload !== null && upload.failure !== null) throw upload.failure.error;
      throw isGitHubSdkError(error) ? error : unavailableError(error);
    } finally {
      timeout.clear();
    }
  };
}

/** GitHub takes any user name with a token; this is the one that it documents. */
function basicAuthorization(token: string): string {
  return `Basic ${Buffer.from(`x-access-token:${token}`).toString("base64")}`;
}

class Upload {
  /** What the body's own pieces threw: `fetch` tells of it as of a failed connection. */
  failure: { readonly error: unknown } | null = null;

  constructor(
    private readonly body: StreamedBody,
    private readonly timeout: TimeoutSignal,
  ) {}

  /**
   * Sends the body to a repository. Where GitHub has moved it, its advertisement is asked for the new place, as git itself does.
   *
   * @throws GitHubSdkError `github_redirect_refused`, and what `fetch` throws
   */
  async sendTo(base: string, headers: Readonly<Record<string, string>>, advertisement: () => Promise<Response>) {
    try {
      return await this.#post(base, headers);
    } catch (error) {
      if (!isRedirect(error)) throw error;
    }
    const { url, body } = await advertisement();
    await body?.cancel();
    const place = url.slice(0, -ADVERTISEMENT.length);
    if (place === base) throw redirectRefused("GitHub redirected a push, and not its repository.");
    return this.#post(place, headers);
  }

  #post(base: string, headers: Readonly<Record<string, string>>): Promise<Response> {
    return globalThis.fetch(`${base}/${SERVICE}`, {
      method: "POST",
      headers: {
        ...headers,
        "content-type": `application/x-${SERVICE}-request`,
        accept: `application/x-${SERVICE}-result`,
        "content-length": `${this.body.length}`,
      },
      // A stream, since `fetch` copies the pieces of anything else.
      body: ReadableStream.from(this.#pieces()),
      duplex: "half",
      // With any other value `fetch` holds the whole body, in case that it has to be sent again.
      redirect: "error",
      signal: this.timeout.signal,
    });
  }

  async *#pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for await (const piece of this.body.pieces()) {
        this.timeout.restart();
        yield piece;
      }
      this.timeout.restart();
    } catch (error) {
      this.failure = { error };
      throw error;
    }
  }
}

/** `fetch` tells of a redirect that it was not to follow as of a failed connection. */
function isRedirect(error: unknown): boolean {
  return error instanceof TypeError && error.cause instanceof Error && error.cause.message === "unexpected redirect";
}

async function readAnswer(response: Response): Promise<GitHubResponse> {
  const { status } = response;
  const headers = Object.fromEntries(response.headers);
  const bytes = await readBounded(response);
  if (status >= 300) return { status, headers, data: Buffer.from(bytes).toString("utf8").slice(0, 10_000) };
  if (/^application\/x-git-receive-pack-(?:result|advertisement)/.test(headers["content-type"] ?? "")) {
    return { status, headers, data: bytes };
  }
  throw noGitServer({ status, headers, data: null });
}

/** What answers at GitHub's web address is not GitHub's git server, such as a proxy's own page. */
export function noGitServer({ status, headers }: GitHubResponse): GitHubSdkError {
  return new GitHubSdkError(
    "writer_refused",
    "What answers at GitHub's web address is no git server. Let the address pass the proxy, or pin another writer.",
    { details: { githubStatus: status, contentType: headers["content-type"] ?? null } },
  );
}

async function readBounded(response: Response): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of response.body ?? []) {
    pieces.push(piece);
    length += piece.length;
    if (length > LONGEST_ANSWER) throw new Error("the answer of the git server does not end");
  }
  return Buffer.concat(pieces, length);
}

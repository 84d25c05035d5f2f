import type { Clock } from "../adapters/clock.js";
import { GitHubSdkError, isGitHubSdkError } from "../errors.js";
import { type TimeoutSignal, timeoutSignal } from "../timing/timeout-signal.js";
import { timeoutError, unavailableError } from "./error-mapping.js";
import { followRedirects, redirectRefused } from "./follow-redirects.js";
import type { GitHubResponse, GitRequest, StreamedBody } from "./github-client.js";
import { readBody } from "./github-fetch.js";

/** Sends one request to GitHub's git server and returns the response, also one with an error status. */
export type GitTransport = (request: GitRequest, token: string, signal: AbortSignal) => Promise<GitHubResponse>;

/** The address of the git server, and the limits of a request. */
export interface GitTransportOptions {
  /** GitHub's web address, without a trailing slash. */
  readonly serverUrl: string;
  readonly userAgent: string;
  readonly clock: Clock;
  /** The timeout in milliseconds between two pieces of the request body, and for the response. */
  readonly timeoutMs: number;
}

const SERVICE = "git-receive-pack";
const ADVERTISEMENT = `/info/refs?service=${SERVICE}`;
// A push report on one branch with the messages of hooks is far smaller.
const MAX_RESPONSE_BYTES = 4 * 1024 * 1024;

/**
 * Returns the part of git's smart HTTP protocol that a push needs: the body is streamed, its length is known beforehand.
 *
 * The transport throws GitHubSdkError `github_timeout`, `github_redirect_refused`, `github_unavailable` (also for a response
 * beyond 4 MiB) and `writer_refused`, the signal's reason, and what the body's pieces throw.
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
      return await readResponse(response);
    } catch (error) {
      if (timeout.signal.aborted) throw timeout.signal.reason;
      if (upload !== null && upload.failure !== null) throw upload.failure.error;
      throw isGitHubSdkError(error) ? error : unavailableError(error);
    } finally {
      timeout.clear();
    }
  };
}

/** Any user name is accepted with a token; this is the documented one. */
function basicAuthorization(token: string): string {
  return `Basic ${Buffer.from(`x-access-token:${token}`).toString("base64")}`;
}

class Upload {
  /** The error that the body's own pieces threw: `fetch` reports it as a failed connection. */
  failure: { readonly error: unknown } | null = null;
  readonly #body: StreamedBody;
  readonly #timeout: TimeoutSignal;

  constructor(body: StreamedBody, timeout: TimeoutSignal) {
    this.#body = body;
    this.#timeout = timeout;
  }

  /**
   * Sends the body to a repository. If GitHub redirects, the new address is read from the advertisement, as git does.
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
    const newBase = url.slice(0, -ADVERTISEMENT.length);
    if (newBase === base) throw redirectRefused("GitHub redirected the push, but not the repository.");
    return this.#post(newBase, headers);
  }

  #post(base: string, headers: Readonly<Record<string, string>>): Promise<Response> {
    return globalThis.fetch(`${base}/${SERVICE}`, {
      method: "POST",
      headers: {
        ...headers,
        "content-type": `application/x-${SERVICE}-request`,
        accept: `application/x-${SERVICE}-result`,
        "content-length": `${this.#body.length}`,
      },
      // `fetch` copies the pieces of anything but a stream.
      body: ReadableStream.from(this.#pieces()),
      duplex: "half",
      // With any other value `fetch` keeps the whole body in memory to send it again.
      redirect: "error",
      signal: this.#timeout.signal,
    });
  }

  async *#pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for await (const piece of this.#body.pieces()) {
        this.#timeout.restart();
        yield piece;
      }
      this.#timeout.restart();
    } catch (error) {
      this.failure = { error };
      throw error;
    }
  }
}

/** `fetch` reports a redirect that it must not follow as a failed connection. */
function isRedirect(error: unknown): boolean {
  return error instanceof TypeError && error.cause instanceof Error && error.cause.message === "unexpected redirect";
}

async function readResponse(response: Response): Promise<GitHubResponse> {
  const { status } = response;
  const headers = Object.fromEntries(response.headers);
  const bytes = await readBody(response, MAX_RESPONSE_BYTES);
  if (status >= 300) return { status, headers, data: Buffer.from(bytes).toString("utf8").slice(0, 10_000) };
  if (/^application\/x-git-receive-pack-(?:result|advertisement)/.test(headers["content-type"] ?? "")) {
    return { status, headers, data: bytes };
  }
  throw noGitServer({ status, headers, data: null });
}

/** Returns the error for a response that is not from a git server, such as a proxy's error page. */
export function noGitServer({ status, headers }: GitHubResponse): GitHubSdkError {
  return new GitHubSdkError(
    "writer_refused",
    "The server at GitHub's web address is not a git server. Allow the address in the proxy, or pin another writer.",
    { details: { githubStatus: status, contentType: headers["content-type"] ?? null } },
  );
}

import { spawn } from "node:child_process";
import { Readable } from "node:stream";
import type { Credential } from "../accounts/credential.js";
import { gitEnvironment } from "../git/git-process.js";
import type { Platform } from "../platform.js";
import { canSee, effectiveRole } from "../repositories/access.js";
import type { BoxRepository } from "../repositories/repository.js";
import { readCgiHead } from "./cgi-head.js";
import type { GitRequest } from "./git-request.js";
import { refusePush } from "./push-guard.js";

/** The services of git's smart HTTP protocol. */
type Service = "git-upload-pack" | "git-receive-pack";

/**
 * Serves git's smart HTTP protocol (gitprotocol-http(5)) with `git http-backend` and GitHub's authentication. Request and
 * response bodies are streamed.
 */
export class GitHttp {
  constructor(private readonly platform: Platform) {}

  /** Returns the template of a path for the request log, such as `/{owner}/{repo}.git/git-receive-pack`. */
  static template(path: string): string | undefined {
    const service = /^\/[^/]+\/[^/]+\/(info\/refs|git-upload-pack|git-receive-pack)$/.exec(path)?.[1];
    return service === undefined ? undefined : `/{owner}/{repo}.git/${service}`;
  }

  /** Handles a git request. */
  async handle(git: GitRequest): Promise<Response> {
    const [, owner = "", name = "", action = ""] = /^\/([^/]+)\/([^/]+?)(?:\.git)?\/(.+)$/.exec(git.url.pathname) ?? [];
    const service = (action === "info/refs" ? git.url.searchParams.get("service") : action) as Service;
    if (service !== "git-upload-pack" && service !== "git-receive-pack")
      return text(403, "Please upgrade your git client.\n");
    if (git.isBad)
      return unauthorized("Invalid username or token. Password authentication is not supported for Git operations.\n");
    const { repositories } = this.platform;
    const repository = repositories.find(owner, name);
    const former = repository === undefined ? repositories.findFormer(owner, name) : undefined;
    const refusal = refuse(repository ?? former, git.credential, service);
    if (refusal !== undefined) return refusal;
    if (repository === undefined) return moved(former, action, git);
    if (action !== "git-receive-pack") return this.run(repository, action, git, git.request.body);
    return this.receive(repository, git);
  }

  private async receive(repository: BoxRepository, git: GitRequest): Promise<Response> {
    const guarded = await refusePush(this.platform, repository, git);
    if (guarded.refusal !== undefined) return guarded.refusal;
    try {
      return await repository.push(async () => {
        const response = await this.run(repository, "git-receive-pack", git, guarded.body);
        // receive-pack has updated all refs when its report, which is small, is complete.
        return new Response(await response.arrayBuffer(), { status: response.status, headers: response.headers });
      });
    } finally {
      await guarded.release();
    }
  }

  private async run(
    repository: BoxRepository,
    action: string,
    { request, url, credential }: GitRequest,
    body: ReadableStream<Uint8Array> | null,
  ): Promise<Response> {
    const header = (name: string): string => request.headers.get(name) ?? "";
    const child = spawn("git", ["http-backend"], {
      stdio: "pipe",
      env: gitEnvironment({
        GIT_PROJECT_ROOT: repository.gitDir,
        GIT_HTTP_EXPORT_ALL: "1",
        PATH_INFO: `/${action}`,
        QUERY_STRING: url.search.slice(1),
        REQUEST_METHOD: request.method,
        CONTENT_TYPE: header("content-type"),
        HTTP_CONTENT_ENCODING: header("content-encoding"),
        ...(request.headers.has("git-protocol") ? { GIT_PROTOCOL: header("git-protocol") } : {}),
        REMOTE_USER: credential?.actor.login ?? "anonymous",
        REMOTE_ADDR: "127.0.0.1",
      }),
    });
    child.stderr.resume();
    child.stdin.on("error", () => undefined);
    const abort = (): void => void child.kill();
    this.platform.closing.signal.addEventListener("abort", abort, { once: true });
    child.on("close", () => this.platform.closing.signal.removeEventListener("abort", abort));
    if (body === null) child.stdin.end();
    else {
      const source = Readable.fromWeb(body as import("node:stream/web").ReadableStream<Uint8Array>);
      // When a client disconnects during a push, the backend exits and discards the pack.
      source.on("error", abort).pipe(child.stdin);
    }
    const { status, headers, rest } = await readCgiHead(child.stdout);
    headers.set("Cache-Control", "no-cache, max-age=0, must-revalidate");
    return new Response(rest, { status, headers });
  }
}

function refuse(
  repository: BoxRepository | undefined,
  credential: Credential | undefined,
  service: Service,
): Response | undefined {
  if (repository === undefined || !canSee(credential, repository)) {
    return credential === undefined ? unauthorized("") : text(404, "Repository not found.\n");
  }
  if (service === "git-upload-pack") return undefined;
  if (credential === undefined) return unauthorized("");
  const role = effectiveRole(credential, repository);
  if (role === "read")
    return text(403, `Permission to ${repository.fullName}.git denied to ${credential.actor.login}.\n`);
  if (repository.archived) return text(403, "This repository was archived so it is read-only.\n");
  return undefined;
}

function moved(repository: BoxRepository | undefined, action: string, { url, addresses }: GitRequest): Response {
  const location = `${addresses.html}/${repository?.fullName ?? ""}.git/${action}${url.search}`;
  return new Response(null, { status: 301, headers: { Location: location } });
}

function unauthorized(message: string): Response {
  const headers = { "WWW-Authenticate": 'Basic realm="GitHub"', "Content-Type": "text/plain" };
  return new Response(message, { status: 401, headers });
}

function text(status: number, message: string): Response {
  return new Response(message, { status, headers: { "Content-Type": "text/plain; charset=utf-8" } });
}

import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type AzureProjectFiles, type AzureProjectFilesOptions, azureProjectFiles } from "@infrajet/github-azure";

/** A request that the server received. */
export interface SeenRequest {
  readonly method: string;
  /** Decoded, below the share: `projects/7/infra`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
}

/** The server's reaction to a request: a complete or interrupted response, no response, or a closed connection. */
export interface Scripted {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array;
  /** Closes the connection after this many bytes of the body. */
  readonly cutAfter?: number;
  readonly instead?: "hang" | "reset";
}

/** An HTTP server in place of Azure that sends scripted responses. */
export class ScriptedAzure {
  readonly requests: SeenRequest[] = [];
  readonly #server: Server;
  respond: (request: SeenRequest, index: number) => Scripted | Promise<Scripted> = () => notFound("ResourceNotFound");

  private constructor() {
    this.#server = createServer(async (incoming, response) => {
      incoming.resume();
      const { method = "", url = "", headers } = incoming;
      const { pathname, searchParams: query } = new URL(url, "http://azure.test");
      const path = pathname.split("/").slice(3).map(decodeURIComponent).join("/");
      const request = { method, path, query, headers };
      const index = this.requests.push(request) - 1;
      act(response, method, await this.respond(request, index));
    });
  }

  static async start(): Promise<ScriptedAzure> {
    const server = new ScriptedAzure();
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  /** The connection string of an account on this server. */
  get connectionString(): string {
    const { port } = this.#server.address() as AddressInfo;
    const endpoint = `http://127.0.0.1:${port}/account`;
    return `DefaultEndpointsProtocol=http;AccountName=account;AccountKey=a2V5;FileEndpoint=${endpoint}`;
  }

  /** Returns a source on this server without pauses between retries. */
  files(options: Partial<AzureProjectFilesOptions> = {}): AzureProjectFiles {
    const { connectionString } = this;
    return azureProjectFiles({
      connectionString,
      shareName: "share",
      baseDirectory: "projects",
      retryPauseMs: 0,
      ...options,
    });
  }

  /** All requests as `GET projects/7/infra`; listings as `LIST`. */
  get log(): string[] {
    return this.requests.map(({ method, path, query }) => `${isListing(query) ? "LIST" : method} ${path}`.trim());
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export function isListing(query: URLSearchParams): boolean {
  return query.get("comp") === "list";
}

/** Returns a page of a listing in Azure's format, with a byte order mark and a marker even on the last page. */
export function page(entries: readonly string[], nextMarker = ""): Scripted {
  const marker = nextMarker === "" ? "<NextMarker />" : `<NextMarker>${nextMarker}</NextMarker>`;
  const body = `\uFEFF<?xml version="1.0" encoding="utf-8"?><EnumerationResults ServiceEndpoint="https://account.file.core.windows.net/" ShareName="share" DirectoryPath="dir"><Entries>${entries.join("")}</Entries>${marker}</EnumerationResults>`;
  return { headers: { "content-type": "application/xml" }, body };
}

/** Returns a directory for a page. */
export function directory(name: string, createdAt = "2023-06-07T22:52:38.6140840Z"): string {
  return `<Directory><Name>${name}</Name><FileId>11529285414812647424</FileId><Properties><CreationTime>${createdAt}</CreationTime><LastWriteTime>${createdAt}</LastWriteTime><ChangeTime>${createdAt}</ChangeTime><Last-Modified>Wed, 07 Jun 2023 22:52:38 GMT</Last-Modified><Etag>"0x8DB67A9E4A3F2A8"</Etag></Properties><Attributes>Directory</Attributes></Directory>`;
}

const ETAG = '"0x8DB67A9E4C335E9"';

/** Returns a file for a page, last written on 2023-06-07 at 22:52:38. */
export function file(name: string, size: number, etag = ETAG): string {
  const time = "2023-06-07T22:52:38.8189673Z";
  return `<File><Name>${name}</Name><FileId>14988049928633188352</FileId><Properties><Content-Length>${size}</Content-Length><CreationTime>${time}</CreationTime><LastAccessTime>${time}</LastAccessTime><LastWriteTime>${time}</LastWriteTime><ChangeTime>${time}</ChangeTime><Last-Modified>Wed, 07 Jun 2023 22:52:38 GMT</Last-Modified><Etag>${etag}</Etag></Properties><Attributes>Archive</Attributes></File>`;
}

/** Returns the headers of a download or of a file's properties. */
export function fileHeaders(size: number, etag = ETAG): Record<string, string> {
  return {
    "content-length": `${size}`,
    "content-type": "application/octet-stream",
    etag,
    "last-modified": "Wed, 07 Jun 2023 22:52:38 GMT",
    "x-ms-file-id": "14988049928633188352",
    "x-ms-file-last-write-time": "2023-06-07T22:52:38.8189673Z",
    "x-ms-file-change-time": "2023-06-07T22:52:38.8189673Z",
    "x-ms-type": "File",
  };
}

/** Returns an error response in Azure's format. */
export function failure(status: number, code: string, headers: Record<string, string> = {}): Scripted {
  const body = `\uFEFF<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>The request failed.\nRequestId:f1d3927e-f01a-003b-3f07-068d75000000\nTime:2023-06-07T22:52:39.0000000Z</Message></Error>`;
  return { status, headers: { "content-type": "application/xml", "x-ms-error-code": code, ...headers }, body };
}

export function notFound(code: "ResourceNotFound" | "ParentNotFound" | "ShareNotFound"): Scripted {
  return failure(404, code);
}

function act(response: ServerResponse, method: string, scripted: Scripted): void {
  const { status = 200, headers = {}, body = "", cutAfter, instead } = scripted;
  if (instead === "hang") return;
  if (instead === "reset") {
    response.destroy();
    return;
  }
  const bytes = Buffer.from(body);
  const length = { "content-length": `${bytes.length}` };
  response.writeHead(status, { "x-ms-request-id": "f1d3927e", date: new Date().toUTCString(), ...length, ...headers });
  if (method === "HEAD") response.end();
  else if (cutAfter === undefined) response.end(bytes);
  else response.write(bytes.subarray(0, cutAfter), () => response.destroy());
}

import type { ProjectEntry, ProjectFilesSession } from "@infrajet/github/adapters";
import { isGitHubSdkError } from "@infrajet/github/errors";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  directory,
  failure,
  file,
  fileHeaders,
  isListing,
  notFound,
  page,
  type Scripted,
  ScriptedAzure,
  type SeenRequest,
} from "./scripted-azure.js";

// Responses that Azure was observed to send (REST API versions 2018-11-09 to 2021-10-04), and how sessions interpret them.

const PROJECT = { userId: "7", projectId: "infra" };
const FOLDER = "projects/7/infra";

let azure: ScriptedAzure;
beforeEach(async () => {
  azure = await ScriptedAzure.start();
});
afterEach(() => azure.close());

/** Responds to the listings that find the project's directory; `respond` handles all requests below it. */
function below(respond: (request: SeenRequest, index: number) => Scripted): void {
  let index = 0;
  azure.respond = (request) => {
    const { path, query } = request;
    if (isListing(query) && path === "projects") return page([directory("7")]);
    if (isListing(query) && path === "projects/7") return page([directory("infra")]);
    return respond(request, index++);
  };
}

async function open(): Promise<ProjectFilesSession> {
  return azure.files().open(PROJECT);
}

async function listed(session: ProjectFilesSession, path = ""): Promise<ProjectEntry[]> {
  const entries: ProjectEntry[] = [];
  for await (const entry of session.list(path)) entries.push(entry);
  return entries;
}

async function read(session: ProjectFilesSession, name: string): Promise<Buffer> {
  const found = (await listed(session)).find(({ path }) => path === name);
  if (found?.type !== "file") throw new Error(`${name} is not listed`);
  const pieces: Uint8Array[] = [];
  for await (const piece of (await session.read(found)).bytes) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function failureOf(work: Promise<unknown>): Promise<Record<string, unknown>> {
  const error = await work.then(
    () => expect.fail("The operation did not fail."),
    (reason: unknown) => reason,
  );
  if (!isGitHubSdkError(error)) throw error;
  return { code: error.code, reason: error.details.reason, message: error.message };
}

describe("AzureSession.list", () => {
  it("returns directories and files with their etags", async () => {
    below(() => page([directory("dir0"), file("file0", 1024), file("file1", 0, '"0x8DB67A9E4CD4690"')]));
    const entries = await listed(await open());
    expect(entries).toEqual([
      { type: "directory", path: "dir0" },
      { type: "file", path: "file0", size: 1024, versionTag: expect.stringContaining("0x8DB67A9E4C335E9") },
      { type: "file", path: "file1", size: 0, versionTag: expect.stringContaining("0x8DB67A9E4CD4690") },
    ]);
  });

  it("continues at the marker and requests timestamps, etags and extended information", async () => {
    below(({ query }) => {
      return query.get("marker") === "1!8!ZmlsZWEz" ? page([file("c", 3)]) : page([file("a", 1)], "1!8!ZmlsZWEz");
    });
    expect((await listed(await open())).map(({ path }) => path)).toEqual(["a", "c"]);
    const { headers, query } = azure.requests.at(-1) ?? expect.fail();
    expect(query.get("include")).toBe("Timestamps,Etag");
    expect(headers).toMatchObject({ "x-ms-file-extended-info": "true", "x-ms-allow-trailing-dot": "true" });
  });

  it("returns no version tags for listings of an old API version", async () => {
    below(() =>
      page(["<File><Name>file1</Name><Properties><Content-Length>1024</Content-Length></Properties></File>"]),
    );
    expect(await listed(await open())).toEqual([{ type: "file", path: "file1", size: 1024, versionTag: null }]);
  });

  it("decodes percent-encoded names that XML cannot contain", async () => {
    below(() => page([file("plain %25", 1), file("", 1).replace("<Name>", '<Name Encoded="true">a%EF%BF%BFb%25')]));
    expect((await listed(await open())).map(({ path }) => path)).toEqual(["plain %25", "a\uFFFFb%"]);
  });

  it.each(["001", "1e3", " lead", "trail ", "true", "a &amp; b", "&lt;a&gt;", "dots.."])(
    "returns the name %j unchanged",
    async (name) => {
      below(() => page([file(name, 1)]));
      const plain = name.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">");
      expect((await listed(await open())).map(({ path }) => path)).toEqual([plain]);
    },
  );
});

describe("AzureSession.read", () => {
  it("returns the content of a file", async () => {
    const content = Buffer.alloc(1024, "x");
    below(({ query }) => (isListing(query) ? page([file("a", 1024)]) : { headers: fileHeaders(1024), body: content }));
    expect(await read(await open(), "a")).toEqual(content);
  });

  it("continues an interrupted download of the same version with a range (206)", async () => {
    const content = Buffer.from(Array.from({ length: 50_000 }, (_, index) => index % 251));
    below(({ query, headers }) => {
      if (isListing(query)) return page([file("a", content.length)]);
      const from = Number(/^bytes=(\d+)-/.exec(String(headers["x-ms-range"] ?? ""))?.[1] ?? 0);
      const rest = content.subarray(from);
      const response = { status: from === 0 ? 200 : 206, headers: fileHeaders(rest.length), body: rest };
      return rest.length > 10_000 ? { ...response, cutAfter: 15_000 } : response;
    });
    expect(await read(await open(), "a")).toEqual(content);
    expect(azure.log.filter((line) => line === `GET ${FOLDER}/a`).length).toBeGreaterThan(3);
  });

  it("fails with source_changed when the rest of an interrupted download has another etag", async () => {
    const content = Buffer.alloc(50_000, "x");
    below(({ query, headers }) => {
      if (isListing(query)) return page([file("a", content.length)]);
      if (headers["x-ms-range"] === undefined) {
        return { headers: fileHeaders(content.length), body: content, cutAfter: 20_000 };
      }
      return { status: 206, headers: fileHeaders(30_000, '"0x8DB67A9E4CD4690"'), body: content.subarray(20_000) };
    });
    expect(await failureOf(open().then((session) => read(session, "a")))).toMatchObject({ code: "source_changed" });
  });

  it("fails with source_changed when the file was written during the download", async () => {
    const content = Buffer.alloc(200_000, "x");
    below(({ method, query }) => {
      if (isListing(query)) return page([file("a", content.length)]);
      if (method === "HEAD") return { headers: fileHeaders(content.length, '"0x8DB67A9E4CD4690"') };
      return { headers: fileHeaders(content.length), body: content };
    });
    expect(await failureOf(open().then((session) => read(session, "a")))).toMatchObject({ code: "source_changed" });
  });

  it("fails with source_changed when the file was deleted during the download (404 on HEAD without a body)", async () => {
    const content = Buffer.alloc(200_000, "x");
    below(({ method, query }) => {
      if (isListing(query)) return page([file("a", content.length)]);
      return method === "HEAD" ? notFound("ResourceNotFound") : { headers: fileHeaders(200_000), body: content };
    });
    expect(await failureOf(open().then((session) => read(session, "a")))).toMatchObject({ code: "source_changed" });
  });

  it("returns another version tag when the etag differs from the listing", async () => {
    below(({ query }) =>
      isListing(query) ? page([file("a", 1)]) : { headers: fileHeaders(1, '"0x8DB67A9E4CD4690"'), body: "x" },
    );
    const session = await open();
    const [entry] = await listed(session);
    if (entry?.type !== "file") return expect.fail();
    const { versionTag } = await session.read(entry);
    expect(versionTag).not.toBe(entry.versionTag);
    expect(versionTag).toContain("0x8DB67A9E4CD4690");
    await session.close();
  });

  it("returns another version tag when the file id differs from the listing", async () => {
    below(({ query }) =>
      isListing(query) ? page([file("a", 1)]) : { headers: { ...fileHeaders(1), "x-ms-file-id": "1" }, body: "x" },
    );
    const session = await open();
    const [entry] = await listed(session);
    if (entry?.type !== "file") return expect.fail();
    expect((await session.read(entry)).versionTag).not.toBe(entry.versionTag);
    await session.close();
  });
});

describe("AzureSession errors", () => {
  const readsA = async (): Promise<unknown> => read(await open(), "a");
  const lists = async (): Promise<unknown> => listed(await open(), "dir");

  it.each<[string, Scripted, () => Promise<unknown>, string, string | undefined]>([
    ["404 ResourceNotFound on a listing", notFound("ResourceNotFound"), lists, "source_changed", undefined],
    ["404 ParentNotFound on a listing", notFound("ParentNotFound"), lists, "source_changed", undefined],
    ["404 ShareNotFound on a listing", notFound("ShareNotFound"), lists, "source_unavailable", "share_not_found"],
    [
      "a 404 that does not come from Azure",
      { status: 404, body: "not here" },
      lists,
      "source_unavailable",
      "unavailable",
    ],
    ["403 AuthenticationFailed", failure(403, "AuthenticationFailed"), lists, "source_unavailable", "forbidden"],
    ["403 AuthorizationFailure", failure(403, "AuthorizationFailure"), lists, "source_unavailable", "forbidden"],
    ["503 ServerBusy", failure(503, "ServerBusy"), lists, "source_unavailable", "throttled"],
    ["500 OperationTimedOut", failure(500, "OperationTimedOut"), lists, "source_unavailable", "unavailable"],
    ["400 InvalidResourceName", failure(400, "InvalidResourceName"), lists, "source_unavailable", "rejected"],
    ["404 on a file", notFound("ResourceNotFound"), readsA, "source_changed", undefined],
    ["416 on a truncated file", failure(416, "InvalidRange"), readsA, "source_changed", undefined],
    ["409 SharingViolation", failure(409, "SharingViolation"), readsA, "source_unavailable", "in_use"],
    ["412 LeaseIdMissing", failure(412, "LeaseIdMissing"), readsA, "source_unavailable", "in_use"],
    ["404 ShareNotFound on a file", notFound("ShareNotFound"), readsA, "source_unavailable", "share_not_found"],
  ])("maps %s to an error code and reason", async (_, response, work, code, reason) => {
    below(({ query, path }) => (isListing(query) && path === FOLDER ? page([file("a", 1)]) : response));
    expect(await failureOf(work())).toMatchObject({ code, reason });
  });

  it.each<[string, Scripted, string, string | undefined]>([
    ["404 ResourceNotFound", notFound("ResourceNotFound"), "project_not_found", undefined],
    ["404 ParentNotFound", notFound("ParentNotFound"), "project_not_found", undefined],
    ["404 ShareNotFound", notFound("ShareNotFound"), "source_unavailable", "share_not_found"],
    ["403 AuthenticationFailed", failure(403, "AuthenticationFailed"), "source_unavailable", "forbidden"],
    ["503 ServerBusy", failure(503, "ServerBusy"), "source_unavailable", "throttled"],
    ["a reset connection", { instead: "reset" }, "source_unavailable", "unavailable"],
  ])("maps %s while finding the project to an error code and reason", async (_, response, code, reason) => {
    azure.respond = ({ path }) => (path === "projects" ? page([directory("7")]) : response);
    expect(await failureOf(open())).toMatchObject({ code, reason });
  });

  it("reports a missing base directory as source_unavailable, not as project_not_found", async () => {
    expect(await failureOf(open())).toMatchObject({ code: "source_unavailable", reason: "gone" });
  });

  it.each<[string, Scripted]>([
    ["an empty body", { headers: { "content-type": "application/xml" } }],
    ["a proxy's HTML page", { headers: { "content-type": "text/html" }, body: "<html><body>Welcome</body></html>" }],
    ["an error with status 200", { ...failure(503, "ServerBusy"), status: 200 }],
    ["a page without a marker", { ...page([]), body: String(page([]).body).replace("<NextMarker />", "") }],
    ["a truncated page", { ...page([]), body: String(page([]).body).slice(0, -30) }],
    ["an interrupted page", { ...page([]), cutAfter: 100 }],
  ])("do not treat %s as an empty directory", async (_, response) => {
    below(() => response);
    expect(await failureOf(lists())).toMatchObject({ code: "source_unavailable", reason: "unavailable" });
  });
});

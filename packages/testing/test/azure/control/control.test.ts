import { type RestError, type ShareClient, ShareServiceClient } from "@azure/storage-file-share";
import { setupServer } from "msw/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AzureFilesBox, type BoxShare, createAzureFilesBox } from "../../../src/index.js";
import { list, read, serviceClient } from "../clients.js";

let box: AzureFilesBox;
let now: number;
let share: BoxShare;
let client: ShareClient;

beforeEach(async () => {
  now = Date.parse("2026-03-01T12:00:00Z");
  box = await createAzureFilesBox({ clock: () => now });
  await box.listen();
  share = box.createShare("projects");
  share.write("user/main.tf", "hello");
  client = serviceClient(box).getShareClient("projects");
});

afterEach(() => box.close());

describe("control.fault", () => {
  it("responds with Azure's code and message, a custom status, and Retry-After", async () => {
    box.control.fault({ operation: "ListDirectoriesAndFiles", respond: { code: "ServerBusy", retryAfter: 7 } });
    const error = await list(client, "user").catch((reason: RestError) => reason);
    expect(error).toMatchObject({
      statusCode: 503,
      code: "ServerBusy",
      message: expect.stringContaining("The server is busy."),
    });
    expect((error as RestError).response?.headers.get("retry-after")).toBe("7");
    expect(await list(client, "user")).toEqual(["f:main.tf"]);
    box.control.fault({ path: "user/main.tf", respond: { code: "Custom", status: 418, message: "I am a teapot." } });
    await expect(read(client, "user/main.tf")).rejects.toMatchObject({ statusCode: 418, code: "Custom" });
    box.control.fault({ method: "GET", respond: { status: 502, body: "<html>Bad Gateway</html>" } });
    await expect(read(client, "user/main.tf")).rejects.toMatchObject({ statusCode: 502 });
    expect(box.requests.map(({ status, errorCode }) => [status, errorCode])).toEqual([
      [503, "ServerBusy"],
      [200, undefined],
      [418, "Custom"],
      [502, undefined],
    ]);
  });

  it("applies to a path for a number of requests, until the fault is removed", async () => {
    for (const name of ["a", "b", "c"]) share.write(`pages/${name}`, "x");
    const pages = client.getDirectoryClient("pages").listFilesAndDirectories().byPage({ maxPageSize: 1 });
    await pages.next();
    const remove = box.control.fault({ path: /^pages$/, times: 2, respond: { code: "OperationTimedOut" } });
    await expect(pages.next()).rejects.toMatchObject({ statusCode: 500, code: "OperationTimedOut" });
    remove();
    expect(await list(client, "pages")).toHaveLength(3);
  });

  it("keeps the effect of a request when only its response is lost", async () => {
    const file = client.rootDirectoryClient.getFileClient("user/main.tf");
    box.control.fault({ operation: "DeleteFile", when: "after", respond: "reset" });
    await expect(file.delete()).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(share.file("user/main.tf")).toBeUndefined();
    expect(box.requests.at(-1)).toMatchObject({ operation: "DeleteFile", status: 0 });
  });

  it("closes the connection before or within a response", async () => {
    box.control.fault({ operation: "GetFile", respond: "reset" });
    await expect(read(client, "user/main.tf")).rejects.toThrow();
    share.write("big", Buffer.alloc(1_000_000, "x"));
    box.control.fault({ operation: "GetFile", respond: { cutAfter: 400_000 } });
    const { readableStreamBody } = await client.rootDirectoryClient.getFileClient("big").download(0, undefined, {
      maxRetryRequests: 0,
    });
    let bytes = 0;
    const reading = (async () => {
      for await (const piece of readableStreamBody ?? []) bytes += piece.length;
    })();
    await expect(reading).rejects.toThrow();
    expect(bytes).toBeLessThanOrEqual(400_000);
  });

  it("hangs until the client aborts the request", async () => {
    box.control.fault({ respond: "hang" });
    await expect(client.getProperties({ abortSignal: AbortSignal.timeout(20) })).rejects.toMatchObject({
      name: "AbortError",
    });
  });
});

describe("control.throttle", () => {
  it("responds with 503 ServerBusy beyond the limit of a window of the box's clock", async () => {
    box.control.throttle({ limit: 2, windowSeconds: 10, retryAfter: 3 });
    const file = client.rootDirectoryClient.getFileClient("user/main.tf");
    await file.getProperties();
    await file.getProperties();
    await expect(list(client, "user")).rejects.toMatchObject({ statusCode: 503, code: "ServerBusy" });
    const refused = await box.fetch(new Request(box.sasUrl({ share: "projects", file: "user/main.tf" })));
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "3"]);
    now += 10_000;
    await file.getProperties();
    box.control.throttle(undefined);
    for (let count = 0; count < 3; count += 1) await file.getProperties();
  });
});

describe("hooks of control", () => {
  it("beforeRequest and afterRequest run around requests and can change a file between listing and reading", async () => {
    const seen: string[] = [];
    box.control.beforeRequest(({ operation, path }) => {
      if (operation === "GetFile") share.write(path, "changed");
    });
    const remove = box.control.afterRequest(({ operation, status }) => void seen.push(`${operation} ${status}`));
    const [listed] = (await pageOf("user")).fileItems;
    const response = await client.rootDirectoryClient.getFileClient("user/main.tf").download(0);
    expect(response.etag).not.toBe(listed?.properties.etag);
    remove();
    await read(client, "user/main.tf");
    expect(seen).toEqual(["ListDirectoriesAndFiles 200", "GetFile 200"]);
  });

  it("duringRead changes the rest of a file while it is sent", async () => {
    share.write("user/main.tf", "aaaaaa");
    box.control.duringRead(({ path }, sent) => {
      if (sent === 2) share.write(path, "bbbbbb");
    }, 2);
    expect(await read(client, "user/main.tf")).toBe("aabbbb");
  });

  it("closes the connection when a file becomes shorter while it is sent", async () => {
    share.write("user/main.tf", "aaaaaa");
    box.control.duringRead(({ path }, sent) => {
      if (sent === 4) share.write(path, "b");
    }, 2);
    const { readableStreamBody } = await client.rootDirectoryClient
      .getFileClient("user/main.tf")
      .download(0, undefined, { maxRetryRequests: 0 });
    const reading = (async () => {
      for await (const _ of readableStreamBody ?? []);
    })();
    await expect(reading).rejects.toThrow();
  });

  it("mostAtOnce counts the requests that the box handles at the same time", async () => {
    let release = (): void => undefined;
    const allThree = new Promise<void>((resolve) => {
      release = resolve;
    });
    let arrived = 0;
    const remove = box.control.beforeRequest(() => {
      arrived += 1;
      if (arrived === 3) release();
      return allThree;
    });
    const file = client.rootDirectoryClient.getFileClient("user/main.tf");
    await Promise.all([1, 2, 3].map(() => file.getProperties()));
    expect(box.mostAtOnce).toBe(3);
    remove();
    box.resetCounters();
    await file.getProperties();
    expect([box.mostAtOnce, box.count()]).toEqual([1, 1]);
  });

  it("latency delays each request by the milliseconds that a function of the request returns", async () => {
    box.control.latency(({ operation }) => (operation === "GetFileProperties" ? 30 : 0));
    const start = performance.now();
    await client.rootDirectoryClient.getFileClient("user/main.tf").getProperties();
    expect(performance.now() - start).toBeGreaterThanOrEqual(29);
  });
});

describe("box.requests", () => {
  it("records operation, share, path, snapshot and bytes of each request", async () => {
    const snapshot = share.snapshot();
    await list(client, "user");
    await read(client.withSnapshot(snapshot), "user/main.tf");
    await client.rootDirectoryClient.getFileClient("user/main.tf").uploadRange("HELLO", 0, 5);
    await client.getDirectoryClient("a b/ü").exists();
    expect(box.requests).toMatchObject([
      { index: 0, operation: "ListDirectoriesAndFiles", share: "projects", path: "user", status: 200, bytesIn: 0 },
      { index: 1, operation: "GetFile", path: "user/main.tf", snapshot, bytesOut: 5 },
      { index: 2, operation: "PutRange", method: "PUT", bytesIn: 5, status: 201 },
      { index: 3, operation: "GetDirectoryProperties", path: "a b/ü", status: 404, errorCode: "ParentNotFound" },
    ]);
    expect([box.count("GetFile"), box.count("user/main.tf"), box.count()]).toEqual([1, 2, 4]);
    box.resetCounters();
    expect(box.count()).toBe(0);
  });
});

describe("changes by SMB clients", () => {
  it("writeOpen changes content and current size, but not plain listings and the entity tag", async () => {
    const before = (await pageOf("user")).fileItems[0];
    const close = share.writeOpen("user/main.tf", "hello, world");
    expect(await read(client, "user/main.tf")).toBe("hello, world");
    const plain = (await client.getDirectoryClient("user").listFilesAndDirectories().byPage().next()).value;
    expect(plain.segment.fileItems[0].properties.contentLength).toBe(5);
    const current = (await pageOf("user")).fileItems[0];
    expect(current?.properties).toMatchObject({ contentLength: 12, etag: before?.properties.etag });
    close();
    const after = (await pageOf("user")).fileItems[0];
    expect(after?.properties.contentLength).toBe(12);
    expect(after?.properties.etag).not.toBe(before?.properties.etag);
  });

  it("setLastWrite sets the last write time without changing Last-Modified", async () => {
    share.setLastWrite("user/main.tf", Date.parse("2001-01-01T00:00:00Z"));
    const { fileLastWriteOn, lastModified } = await client.rootDirectoryClient
      .getFileClient("user/main.tf")
      .getProperties();
    expect([fileLastWriteOn?.getUTCFullYear(), lastModified?.getUTCFullYear()]).toEqual([2001, 2026]);
  });
});

it("responds through msw as through the HTTP server", async () => {
  const msw = setupServer(...box.handlers());
  msw.listen({ onUnhandledRequest: "bypass" });
  const connection = `DefaultEndpointsProtocol=https;AccountName=${box.accountName};AccountKey=${box.accountKey};EndpointSuffix=core.windows.net`;
  const overMsw = ShareServiceClient.fromConnectionString(connection).getShareClient("projects");
  expect(await list(overMsw, "user")).toEqual(await list(client, "user"));
  expect(await read(overMsw, "user/main.tf")).toBe("hello");
  await expect(read(overMsw, "user/none")).rejects.toMatchObject({ code: "ResourceNotFound" });
  msw.close();
});

async function pageOf(path: string) {
  const pages = client.getDirectoryClient(path).listFilesAndDirectories({ includeEtag: true }).byPage();
  const { segment } = (await pages.next()).value;
  return segment as { fileItems: { name: string; properties: { contentLength: number; etag?: string } }[] };
}

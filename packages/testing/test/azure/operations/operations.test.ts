import { FileSystemAttributes, type ShareClient } from "@azure/storage-file-share";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AzureFilesBox, type BoxShare, createAzureFilesBox } from "../../../src/index.js";
import { list, read, serviceClient } from "../clients.js";

let box: AzureFilesBox;
let share: BoxShare;
let client: ShareClient;

beforeEach(async () => {
  box = await createAzureFilesBox();
  await box.listen();
  share = box.createShare("projects");
  client = serviceClient(box).getShareClient("projects");
});

afterEach(() => box.close());

describe("AzureFilesBox, shares", () => {
  it("creates, lists, describes and deletes a share", async () => {
    const service = serviceClient(box);
    const another = service.getShareClient("another");
    await another.create({ metadata: { owner: "ann" }, quota: 7 });
    await expect(another.create()).rejects.toMatchObject({ statusCode: 409, code: "ShareAlreadyExists" });
    expect(await another.getProperties()).toMatchObject({ metadata: { owner: "ann" }, quota: 7 });
    await another.setMetadata({ owner: "ben" });
    const shares = [];
    for await (const item of service.listShares({ includeMetadata: true })) shares.push(item);
    expect(shares).toMatchObject([{ name: "another", metadata: { owner: "ben" } }, { name: "projects" }]);
    await another.delete();
    await expect(another.getProperties()).rejects.toMatchObject({ statusCode: 404, code: "ShareNotFound" });
  });

  it("reads and lists a snapshot, rejects writes to it, and deletes it before the share", async () => {
    share.write("user/main.tf", "before");
    const { snapshot = "" } = await client.createSnapshot();
    await client.rootDirectoryClient.getFileClient("user/main.tf").delete();
    share.write("user/other.tf", "after");
    const then = client.withSnapshot(snapshot);
    expect(await list(then, "user")).toEqual(["f:main.tf"]);
    expect(await read(then, "user/main.tf")).toBe("before");
    expect(await list(client, "user")).toEqual(["f:other.tf"]);
    await expect(read(client.withSnapshot("2001-01-01T00:00:00.0000000Z"), "user/main.tf")).rejects.toMatchObject({
      statusCode: 404,
      code: "ShareNotFound",
    });
    await expect(then.rootDirectoryClient.getFileClient("user/main.tf").delete()).rejects.toMatchObject({
      statusCode: 400,
      code: "InvalidQueryParameterValue",
    });
    await expect(client.delete()).rejects.toMatchObject({ code: "ShareHasSnapshots" });
    await then.delete();
    await client.delete();
  });
});

describe("AzureFilesBox, directories", () => {
  it("creates a directory once within an existing parent, and deletes it only when it is empty", async () => {
    const directory = client.getDirectoryClient("a/b");
    await expect(directory.create()).rejects.toMatchObject({ statusCode: 404, code: "ParentNotFound" });
    await client.getDirectoryClient("a").create({ metadata: { of: "tests" } });
    await directory.create();
    await expect(directory.create()).rejects.toMatchObject({ statusCode: 409, code: "ResourceAlreadyExists" });
    expect(await directory.createIfNotExists()).toMatchObject({ succeeded: false });
    expect(await client.getDirectoryClient("a").getProperties()).toMatchObject({ metadata: { of: "tests" } });
    await expect(client.getDirectoryClient("a").delete()).rejects.toMatchObject({ code: "DirectoryNotEmpty" });
    await directory.delete();
    expect(await directory.exists()).toBe(false);
    await expect(client.getDirectoryClient("a").getFileClient("x").getProperties()).rejects.toMatchObject({
      statusCode: 404,
      details: { errorCode: "ResourceNotFound" },
    });
  });

  it("lists a directory in pages of at most 5,000 entries", async () => {
    for (let index = 0; index < 5001; index += 1) share.write(`many/${index}.tf`, "x");
    expect(await list(client, "many")).toHaveLength(5001);
    expect(box.count("ListDirectoriesAndFiles")).toBe(2);
    const none = client.getDirectoryClient("many").listFilesAndDirectories().byPage({ maxPageSize: -1 });
    await expect(none.next()).rejects.toMatchObject({ statusCode: 400, code: "OutOfRangeQueryParameterValue" });
    const page = await client
      .getDirectoryClient("many")
      .listFilesAndDirectories({ prefix: "499" })
      .byPage({ maxPageSize: 3 })
      .next();
    expect(page.value.segment.fileItems.map(({ name }: { name: string }) => name)).toEqual([
      "499.tf",
      "4990.tf",
      "4991.tf",
    ]);
  });

  it("includes the same properties in listings as in the properties of a file", async () => {
    share.write("user/main.tf", "hello");
    const entries = [];
    const listing = client.getDirectoryClient("user").listFilesAndDirectories({
      includeEtag: true,
      includeTimestamps: true,
      includeAttributes: true,
      includePermissionKey: true,
      includeExtendedInfo: true,
    });
    for await (const entry of listing) entries.push(entry);
    const own = await client.rootDirectoryClient.getFileClient("user/main.tf").getProperties();
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({
      kind: "file",
      name: "main.tf",
      fileId: own.fileId,
      attributes: "Archive",
      permissionKey: own.filePermissionKey,
      properties: {
        contentLength: 5,
        etag: own.etag,
        lastModified: own.lastModified,
        lastWriteTime: own.fileLastWriteOn,
        changeTime: own.fileChangeOn,
        creationTime: own.fileCreatedOn,
      },
    });
  });
});

describe("AzureFilesBox, files", () => {
  it("creates a file, writes, clears and reads its ranges, resizes it and deletes it", async () => {
    const file = client.rootDirectoryClient.getFileClient("main.tf");
    await file.create(10, { fileHttpHeaders: { fileContentType: "text/plain" }, metadata: { of: "tests" } });
    expect(await read(client, "main.tf")).toBe("\0".repeat(10));
    const first = await file.uploadRange("hello", 0, 5);
    const second = await file.uploadRange("world", 5, 5);
    expect(second.etag).not.toBe(first.etag);
    expect(await read(client, "main.tf")).toBe("helloworld");
    expect((await file.downloadToBuffer(3, 4)).toString()).toBe("lowo");
    expect(await file.getProperties()).toMatchObject({
      contentLength: 10,
      contentType: "text/plain",
      metadata: { of: "tests" },
      etag: second.etag,
    });
    expect(share.file("main.tf")).toMatchObject({ etag: second.etag, bytes: Buffer.from("helloworld") });
    await file.clearRange(0, 5);
    expect(await read(client, "main.tf")).toBe("\0\0\0\0\0world");
    await file.resize(7);
    expect(await read(client, "main.tf")).toBe("\0\0\0\0\0wo");
    await expect(file.uploadRange("xyz", 5, 3)).rejects.toMatchObject({ statusCode: 416, code: "InvalidRange" });
    await file.delete();
    await expect(read(client, "main.tf")).rejects.toMatchObject({ statusCode: 404, code: "ResourceNotFound" });
  });

  it("supports the client's uploadData, downloadToBuffer, range lists and range checksums", async () => {
    const bytes = Buffer.alloc(9 * 1024 * 1024, "0123456789abcdef~");
    const file = client.rootDirectoryClient.getFileClient("big.bin");
    await file.uploadData(bytes);
    expect((await file.downloadToBuffer()).equals(bytes)).toBe(true);
    expect(await file.getRangeList()).toMatchObject({ rangeList: [{ start: 0, end: bytes.length - 1 }] });
    const part = await file.download(1, 100, { rangeGetContentMD5: true });
    expect(part.contentMD5).toHaveLength(16);
    await expect(file.download(0, bytes.length, { rangeGetContentMD5: true })).rejects.toMatchObject({
      statusCode: 400,
    });
  });

  it("reads an empty file as a whole and rejects a range of it", async () => {
    share.write("empty", "");
    const file = client.rootDirectoryClient.getFileClient("empty");
    expect((await file.downloadToBuffer()).length).toBe(0);
    await expect(file.download(0, 10)).rejects.toMatchObject({ statusCode: 416, code: "InvalidRange" });
  });

  it("renames within a share, and replaces a file only with replaceIfExists", async () => {
    share.write("a.tf", "a");
    share.write("b.tf", "b");
    share.write("dir/c.tf", "c");
    const file = client.rootDirectoryClient.getFileClient("a.tf");
    await expect(file.rename("b.tf")).rejects.toMatchObject({ code: "ResourceAlreadyExists" });
    await file.rename("b.tf", { replaceIfExists: true });
    await client.getDirectoryClient("dir").rename("moved");
    expect([...share.files()].map(([path, { bytes }]) => `${path}=${bytes}`)).toEqual(["b.tf=a", "moved/c.tf=c"]);
  });

  it("rejects writes to a leased file without its lease ID", async () => {
    share.write("main.tf", "x");
    const file = client.rootDirectoryClient.getFileClient("main.tf");
    const lease = file.getShareLeaseClient();
    const { leaseId = "" } = await lease.acquireLease();
    expect(await file.getProperties()).toMatchObject({ leaseState: "leased", leaseStatus: "locked" });
    await expect(file.delete()).rejects.toMatchObject({ statusCode: 412, code: "LeaseIdMissing" });
    await expect(file.getShareLeaseClient().acquireLease()).rejects.toMatchObject({ code: "LeaseAlreadyPresent" });
    const other = "50f47992-8e6a-e435-ca8e-1e134621bf65";
    await expect(file.uploadRange("y", 0, 1, { leaseAccessConditions: { leaseId: other } })).rejects.toMatchObject({
      statusCode: 412,
      code: "LeaseIdMismatchWithFileOperation",
    });
    await file.uploadRange("y", 0, 1, { leaseAccessConditions: { leaseId } });
    await lease.releaseLease();
    await expect(file.uploadRange("z", 0, 1, { leaseAccessConditions: { leaseId } })).rejects.toMatchObject({
      code: "LeaseNotPresentWithFileOperation",
    });
    await lease.acquireLease();
    await lease.breakLease();
    await file.delete();
  });

  it("rejects the deletion of a read-only file", async () => {
    share.write("main.tf", "x");
    const file = client.rootDirectoryClient.getFileClient("main.tf");
    await file.setProperties({ fileAttributes: FileSystemAttributes.parse("ReadOnly") });
    await expect(file.delete()).rejects.toMatchObject({ statusCode: 409, code: "ReadOnlyAttribute" });
    await file.setProperties({ fileAttributes: FileSystemAttributes.parse("Archive") });
    await file.delete();
  });
});

describe("AzureFilesBox, names", () => {
  it("keeps the case of names and finds them in any case", async () => {
    share.write("User/Main.tf", "first");
    expect(await read(client, "uSER/mAIN.TF")).toBe("first");
    await client.rootDirectoryClient.getFileClient("USER/MAIN.TF").create(1);
    expect([...share.files().keys()]).toEqual(["User/MAIN.TF"]);
    await expect(client.getDirectoryClient("USER").create()).rejects.toMatchObject({ code: "ResourceAlreadyExists" });
  });

  it.each(["100% sure.tf", "a+b & c;d=e,f.tf", "naïve 文件 🚀.tf", "#!.tf", "%41.tf", "it's.tf", "~[x]{y}^`.tf"])(
    "supports the name %s",
    async (name) => {
      const file = client.rootDirectoryClient.getFileClient(name);
      await file.create(1);
      await file.uploadRange("x", 0, 1);
      expect(await list(client)).toEqual([`f:${name}`]);
      expect(await read(client, name)).toBe("x");
      expect([...share.files().keys()]).toEqual([name]);
    },
  );

  it("encodes names in listings when XML cannot represent them", async () => {
    share.write("odd\uFFFFdir/odd\uFFFE 100%.tf", "x");
    expect(await list(client)).toEqual(["d:odd\uFFFFdir"]);
    expect(await list(client, "odd\uFFFFdir")).toEqual(["f:odd\uFFFE 100%.tf"]);
    expect(await read(client, "odd\uFFFFdir/odd\uFFFE 100%.tf")).toBe("x");
  });

  it.each(['a"b', "a:b", "a|b", "a<b", "a*b", "a>b", "con", "LPT1", "COM9", "a\u0001b", "x".repeat(256)])(
    "rejects the name %j",
    async (name) => {
      const file = client.rootDirectoryClient.getFileClient(name);
      await expect(file.create(1)).rejects.toMatchObject({ statusCode: 400, code: "InvalidResourceName" });
    },
  );

  it("rejects paths with more than 250 segments or 2,048 characters", async () => {
    for (const path of [`${"x/".repeat(250)}y`, `${`${"x".repeat(200)}/`.repeat(11)}y`]) {
      await expect(read(client, path)).rejects.toMatchObject({
        statusCode: 400,
        code: "InvalidFileOrDirectoryPathName",
      });
    }
  });

  it("rejects parent segments after an encoded slash, and backslashes", async () => {
    share.write("user/main.tf", "x");
    const fetched = async (path: string) =>
      (await box.fetch(new Request(`${box.endpoint}/projects/${path}?${box.sas()}`))).status;
    expect(await fetched("user%2Fmain.tf")).toBe(200);
    expect(await fetched("user%2F..%2Fuser%2Fmain.tf")).toBe(400);
    expect(await fetched("user%5Cmain.tf")).toBe(400);
  });

  it("removes trailing dots of names unless the client sets allowTrailingDot", async () => {
    await client.rootDirectoryClient.getFileClient("plain..").create(1);
    const dotted = serviceClient(box, { allowTrailingDot: true }).getShareClient("projects");
    await dotted.rootDirectoryClient.getFileClient("dotted..").create(1);
    expect([...share.files().keys()]).toEqual(["dotted..", "plain"]);
    expect(await list(client)).toEqual(["f:dotted..", "f:plain"]);
    expect(await read(dotted, "dotted..")).toBe("\0");
    await expect(read(client, "dotted..")).rejects.toMatchObject({ statusCode: 404 });
  });
});

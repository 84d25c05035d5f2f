import { ShareServiceClient } from "@azure/storage-file-share";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type AzureFilesBox, createAzureFilesBox } from "../../src/index.js";

let box: AzureFilesBox;
let service: ShareServiceClient;

beforeEach(async () => {
  box = await createAzureFilesBox();
  await box.listen();
  service = ShareServiceClient.fromConnectionString(box.connectionString, { retryOptions: { maxTries: 1 } });
});

afterEach(() => box.close());

test("a file is created, written, listed, read and deleted", async () => {
  const share = service.getShareClient("projects");
  await share.create();
  const directory = share.rootDirectoryClient.getDirectoryClient("user");
  await directory.create();
  const file = directory.getFileClient("main.tf");
  await file.create(5);
  await file.uploadRange("hello", 0, 5);
  const listing = [];
  for await (const item of directory.listFilesAndDirectories({ includeEtag: true, includeTimestamps: true })) {
    listing.push(item);
  }
  const { etag } = await file.getProperties();
  expect(listing).toMatchObject([{ kind: "file", name: "main.tf", properties: { contentLength: 5, etag } }]);
  expect((await file.downloadToBuffer()).toString()).toBe("hello");
  expect((await file.download(1, 3)).contentLength).toBe(3);
  expect([...box.share("projects").files()].map(([path, { bytes }]) => [path, bytes.toString()])).toEqual([
    ["user/main.tf", "hello"],
  ]);
  await file.delete();
  await directory.delete();
  expect(await share.rootDirectoryClient.getDirectoryClient("user").exists()).toBe(false);
  await share.delete();
  await expect(share.getProperties()).rejects.toMatchObject({ statusCode: 404, code: "ShareNotFound" });
});

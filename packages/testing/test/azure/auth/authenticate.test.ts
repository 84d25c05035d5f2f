import {
  AccountSASPermissions,
  AccountSASResourceTypes,
  AccountSASServices,
  FileSASPermissions,
  generateAccountSASQueryParameters,
  generateFileSASQueryParameters,
  ShareSASPermissions,
  ShareServiceClient,
  StorageSharedKeyCredential,
} from "@azure/storage-file-share";
import { setupServer } from "msw/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AzureFilesBox, createAzureFilesBox } from "../../../src/index.js";
import { list, read, sasClient, serviceClient } from "../clients.js";
import { restClient } from "../rest-client.js";

const NOW = Date.parse("2026-03-01T12:00:00Z");
const HOUR = 3_600_000;

let box: AzureFilesBox;
let now: number;

beforeEach(async () => {
  now = NOW;
  box = await createAzureFilesBox({ clock: () => now });
  await box.listen();
  box.createShare("projects").write("user/main.tf", "hello");
});

afterEach(() => box.close());

describe("shared key authentication", () => {
  it("accepts the account's key and rejects a different key", async () => {
    expect(await list(serviceClient(box).getShareClient("projects"), "user")).toEqual(["f:main.tf"]);
    const wrong = new StorageSharedKeyCredential(box.accountName, Buffer.alloc(64, 1).toString("base64"));
    const service = new ShareServiceClient(box.endpoint, wrong, { retryOptions: { maxTries: 1 } });
    await expect(list(service.getShareClient("projects"), "user")).rejects.toMatchObject({
      statusCode: 403,
      code: "AuthenticationFailed",
      details: {
        authenticationErrorDetail: expect.stringContaining("The MAC signature found in the HTTP request"),
      },
    });
  });

  it("rejects a request that is too old, unsigned or unversioned", async () => {
    const rest = restClient(box);
    const path = "/projects/user/main.tf";
    const signed = await rest("GET", path, { version: "2022-11-02" });
    expect(signed.status).toBe(200);
    const old = { "x-ms-date": new Date(Date.now() - 16 * 60_000).toUTCString() };
    expect(await rest("GET", path, { version: "2022-11-02", headers: old })).toMatchObject({ status: 403 });
    expect(await rest("GET", path, { version: "2022-11-02", authorization: "none" })).toMatchObject({
      status: 401,
      headers: { "x-ms-error-code": "NoAuthenticationInformation", "www-authenticate": expect.any(String) },
    });
    expect(await rest("GET", path)).toMatchObject({
      status: 400,
      headers: { "x-ms-error-code": "MissingRequiredHeader" },
    });
  });

  it("sorts signed headers as .NET does, which ignores hyphens", async () => {
    const file = serviceClient(box).getShareClient("projects").rootDirectoryClient.getFileClient("user/new.tf");
    const metadata = { b: "2", a_c: "1", "a-z": "5", ab: "3 4", a1: "6" };
    await file.create(1, { metadata });
    expect((await file.getProperties()).metadata).toEqual(metadata);
  });
});

/** The outcome of four operations in the share with a SAS: `yes` or the error code. */
async function outcomes(query: string) {
  const share = sasClient(box, query).getShareClient("projects");
  const code = (work: Promise<unknown>) =>
    work.then(
      () => "yes",
      (error: { code?: string; details?: { errorCode?: string } }) => error.code ?? error.details?.errorCode,
    );
  return {
    list: await code(list(share, "user")),
    read: await code(read(share, "user/main.tf")),
    write: await code(share.rootDirectoryClient.getFileClient("user/main.tf").uploadRange("H", 0, 1)),
    properties: await code(share.getProperties()),
  };
}

describe("account SAS", () => {
  it("accepts a SAS that Azure's client created, for three protocol versions", async () => {
    const key = new StorageSharedKeyCredential(box.accountName, box.accountKey);
    for (const version of ["2020-08-04", "2022-11-02", undefined]) {
      const query = generateAccountSASQueryParameters(
        {
          permissions: AccountSASPermissions.parse("rl"),
          services: AccountSASServices.parse("f").toString(),
          resourceTypes: AccountSASResourceTypes.parse("sco").toString(),
          startsOn: new Date(NOW - HOUR),
          expiresOn: new Date(NOW + HOUR),
          ...(version === undefined ? {} : { version }),
        },
        key,
      );
      expect(await outcomes(query.toString())).toEqual({
        list: "yes",
        read: "yes",
        write: "AuthorizationPermissionMismatch",
        properties: "yes",
      });
    }
  });

  it("allows only the permissions, resource types and services of a SAS that the box created", async () => {
    expect(await outcomes(box.sas())).toMatchObject({ list: "yes", read: "yes" });
    expect(await outcomes(box.sas({ permissions: "l" }))).toMatchObject({
      list: "yes",
      read: "AuthorizationPermissionMismatch",
    });
    expect(await outcomes(box.sas({ permissions: "rw" }))).toMatchObject({
      list: "AuthorizationPermissionMismatch",
      write: "yes",
    });
    expect(await outcomes(box.sas({ resourceTypes: "c" }))).toMatchObject({
      list: "AuthorizationResourceTypeMismatch",
      properties: "yes",
    });
    expect(await outcomes(box.sas({ services: "b" }))).toMatchObject({ list: "AuthorizationServiceMismatch" });
  });

  it("rejects a SAS before its start, after its expiry and with changed permissions", async () => {
    const failed = {
      list: "AuthenticationFailed",
      read: "AuthenticationFailed",
      write: "AuthenticationFailed",
      properties: "AuthenticationFailed",
    };
    expect(await outcomes(box.sas({ startsOn: NOW + 1000 }))).toEqual(failed);
    const query = box.sas({ expiresOn: NOW + HOUR });
    expect(await outcomes(query.replace("sp=rl", "sp=rwl"))).toEqual(failed);
    expect((await outcomes(query)).list).toBe("yes");
    now = NOW + HOUR;
    expect(await outcomes(query)).toEqual(failed);
    await expect(list(sasClient(box, query).getShareClient("projects"))).rejects.toMatchObject({
      statusCode: 403,
      details: {
        authenticationErrorDetail: expect.stringContaining("Signature not valid in the specified time frame"),
      },
    });
  });
});

describe("service SAS", () => {
  it("allows operations on files of the share, but not on the share itself", async () => {
    const key = new StorageSharedKeyCredential(box.accountName, box.accountKey);
    const query = generateFileSASQueryParameters(
      { shareName: "projects", permissions: ShareSASPermissions.parse("rl"), expiresOn: new Date(NOW + HOUR) },
      key,
    );
    expect(await outcomes(query.toString())).toEqual({
      list: "yes",
      read: "yes",
      write: "AuthorizationPermissionMismatch",
      properties: "AuthorizationFailure",
    });
  });

  it("is limited to one share or one file", async () => {
    box.createShare("others").write("a", "x");
    const others = sasClient(box, box.sas({ share: "others" }));
    expect(await read(others.getShareClient("others"), "a")).toBe("x");
    await expect(read(others.getShareClient("projects"), "user/main.tf")).rejects.toMatchObject({ statusCode: 403 });
    const key = new StorageSharedKeyCredential(box.accountName, box.accountKey);
    const query = generateFileSASQueryParameters(
      {
        shareName: "projects",
        filePath: "user/main.tf",
        permissions: FileSASPermissions.parse("r"),
        expiresOn: new Date(NOW + HOUR),
      },
      key,
    ).toString();
    expect(await outcomes(query)).toMatchObject({ list: "AuthenticationFailed", read: "yes" });
    expect(await outcomes(box.sas({ share: "projects", file: "user/main.tf", permissions: "r" }))).toMatchObject({
      read: "yes",
    });
  });

  it("reads a file with the URL of sasUrl", async () => {
    const url = box.sasUrl({ share: "projects", file: "user/main.tf" });
    expect(await (await fetch(url)).text()).toBe("hello");
  });
});

describe("bearer tokens of Microsoft Entra ID", () => {
  const msw = setupServer();

  beforeEach(() => {
    msw.use(...box.handlers());
    msw.listen({ onUnhandledRequest: "bypass" });
  });
  afterEach(() => msw.close());

  function client(token: string, fileRequestIntent: "backup" | undefined) {
    const credential = { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + HOUR }) };
    const options = {
      retryOptions: { maxTries: 1 },
      ...(fileRequestIntent === undefined ? {} : { fileRequestIntent }),
    };
    const service = new ShareServiceClient(`https://${box.accountName}.file.core.windows.net`, credential, options);
    return service.getShareClient("projects");
  }

  it("accepts a known token for Azure Storage with the file request intent backup", async () => {
    box.addBearerToken("good");
    box.addBearerToken("for-another", { audience: "https://vault.azure.net" });
    expect(await read(client("good", "backup"), "user/main.tf")).toBe("hello");
    await expect(list(client("good", undefined))).rejects.toMatchObject({
      statusCode: 400,
      code: "MissingRequiredHeader",
    });
    await expect(list(client("for-another", "backup"))).rejects.toMatchObject({ code: "AuthenticationFailed" });
    expect(await restClient(box)("GET", "/projects/user/main.tf", { authorization: "Bearer good" })).toMatchObject({
      status: 403,
      body: expect.toSatisfy((body) => String(body).includes("Unversioned authenticated access is not allowed.")),
    });
    box.revokeBearerToken("good");
    await expect(list(client("good", "backup"))).rejects.toMatchObject({
      statusCode: 401,
      code: "InvalidAuthenticationInfo",
    });
  });
});

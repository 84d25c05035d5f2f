import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AzureFilesBox, type BoxShare, createAzureFilesBox } from "../../../src/index.js";
import { type RestClient, type RestRequest, type RestResponse, restClient } from "../rest-client.js";

// Compares responses with recorded responses of Azure by protocol version: statuses, header names, and bodies except IDs, dates
// and URLs. A body begins with a byte order mark, which is part of its Content-Length.

let box: AzureFilesBox;
let share: BoxShare;
let rest: RestClient;

beforeEach(async () => {
  box = await createAzureFilesBox();
  await box.listen();
  share = box.createShare("projects");
  rest = restClient(box);
});

afterEach(() => box.close());

/** Returns a response without the values that differ between runs. */
function normalized({ status, headers, body }: RestResponse) {
  const text = body
    .toString()
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/g, "ID")
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z/g, "TIME")
    .replaceAll(/\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/g, "DATE")
    .replaceAll(/"0x[0-9A-F]{15}"/g, "ETAG")
    .replaceAll(`${box.endpoint}/`, "ENDPOINT")
    .replaceAll(/<(FileId|DirectoryId)>\d{1,20}/g, "<$1>NUMBER");
  return { status, headers: Object.keys(headers).sort(), body: text };
}

const ALWAYS = ["date", "server", "x-ms-request-id", "x-ms-version"];
const VALIDATORS = ["etag", "last-modified"];
const CLIENT_ID = "x-ms-client-request-id";
const SMB = [
  "x-ms-file-attributes",
  "x-ms-file-change-time",
  "x-ms-file-creation-time",
  "x-ms-file-id",
  "x-ms-file-last-write-time",
  "x-ms-file-parent-id",
  "x-ms-file-permission-key",
];
const LEASE = ["x-ms-lease-state", "x-ms-lease-status"];
const names = (...groups: (string | readonly string[])[]) => [...ALWAYS, ...groups.flat()].sort();

async function responseTo(
  method: string,
  path: string,
  request: RestRequest = {},
): Promise<ReturnType<typeof normalized>> {
  return normalized(await rest(method, path, request));
}

/** Returns the XML of a listing. */
function listing(attributes: string, inner: string): string {
  return `\uFEFF<?xml version="1.0" encoding="utf-8"?><EnumerationResults ServiceEndpoint="ENDPOINT" ${attributes}>${inner}</EnumerationResults>`;
}

const kilobyte = (name: string) =>
  `<File><Name>${name}</Name><Properties><Content-Length>1024</Content-Length></Properties></File>`;

describe("ListDirectoriesAndFiles, as recorded", () => {
  const LISTING = names("content-type", "transfer-encoding");
  const version = "2018-11-09";

  it("lists the root in version 2018-11-09 with names and sizes", async () => {
    share.mkdir("dir1");
    share.mkdir("dir2");
    share.write("file1", { size: 1024 });
    expect(await responseTo("GET", "/projects?restype=directory&comp=list", { version })).toEqual({
      status: 200,
      headers: LISTING,
      body: listing(
        'ShareName="projects" DirectoryPath=""',
        `<Entries><Directory><Name>dir1</Name><Properties /></Directory><Directory><Name>dir2</Name><Properties /></Directory>${kilobyte("file1")}</Entries><NextMarker />`,
      ),
    });
  });

  it("lists in pages with a marker that the next response repeats", async () => {
    for (const name of ["filea1", "filea2", "filea3", "fileb1"]) share.write(`dir1/${name}`, { size: 1024 });
    const path = "/projects/dir1?restype=directory&comp=list";
    const attributes = 'ShareName="projects" DirectoryPath="dir1"';
    expect(await responseTo("GET", `${path}&maxresults=2`, { version })).toEqual({
      status: 200,
      headers: LISTING,
      body: listing(
        attributes,
        `<MaxResults>2</MaxResults><Entries>${kilobyte("filea1")}${kilobyte("filea2")}</Entries><NextMarker>1!8!ZmlsZWEz</NextMarker>`,
      ),
    });
    expect(await responseTo("GET", `${path}&marker=1%218%21ZmlsZWEz&maxresults=2`, { version })).toEqual({
      status: 200,
      headers: LISTING,
      body: listing(
        attributes,
        `<Marker>1!8!ZmlsZWEz</Marker><MaxResults>2</MaxResults><Entries>${kilobyte("filea3")}${kilobyte("fileb1")}</Entries><NextMarker />`,
      ),
    });
  });

  it("lists entries with a prefix that the response repeats", async () => {
    share.mkdir("dir1/dir2");
    share.mkdir("dir1/pref_dir3");
    share.write("dir1/file1", { size: 1024 });
    share.write("dir1/pref_file2", { size: 1024 });
    expect(await responseTo("GET", "/projects/dir1?restype=directory&comp=list&prefix=pref", { version })).toEqual({
      status: 200,
      headers: LISTING,
      body: listing(
        'ShareName="projects" DirectoryPath="dir1"',
        `<Prefix>pref</Prefix><Entries><Directory><Name>pref_dir3</Name><Properties /></Directory>${kilobyte("pref_file2")}</Entries><NextMarker />`,
      ),
    });
  });

  it("lists all properties in version 2021-10-04", async () => {
    share.mkdir("dir/a");
    share.write("dir/b", { size: 1024 });
    const include = "include=Timestamps,Etag,Attributes,PermissionKey";
    const times =
      "<CreationTime>TIME</CreationTime><LastAccessTime>TIME</LastAccessTime><LastWriteTime>TIME</LastWriteTime><ChangeTime>TIME</ChangeTime><Last-Modified>DATE</Last-Modified><Etag>ETAG</Etag>";
    expect(
      await responseTo("GET", `/projects/dir?comp=list&restype=directory&${include}`, {
        version: "2021-10-04",
        headers: { "x-ms-file-extended-info": "true" },
      }),
    ).toEqual({
      status: 200,
      headers: names("content-type", "transfer-encoding", CLIENT_ID),
      body: listing(
        'ShareName="projects" DirectoryPath="dir"',
        `<DirectoryId>NUMBER</DirectoryId><Entries><Directory><Name>a</Name><FileId>NUMBER</FileId><Properties>${times}</Properties><Attributes>Directory</Attributes><PermissionKey>14438882940201373875*11581588750433322810</PermissionKey></Directory><File><Name>b</Name><FileId>NUMBER</FileId><Properties><Content-Length>1024</Content-Length>${times}</Properties><Attributes>Archive</Attributes><PermissionKey>584053819618422708*11581588750433322810</PermissionKey></File></Entries><NextMarker />`,
      ),
    });
  });
});

describe("shares and directories, as recorded", () => {
  it("creates a share", async () => {
    expect(await responseTo("PUT", "/another?restype=share", { version: "2019-02-02" })).toEqual({
      status: 201,
      headers: names("content-length", VALIDATORS, CLIENT_ID),
      body: "",
    });
  });

  it.each([
    ["2018-11-09", []],
    ["2019-02-02", [CLIENT_ID]],
    ["2019-12-12", [CLIENT_ID, "x-ms-access-tier", "x-ms-access-tier-change-time"]],
    ["2020-02-10", [CLIENT_ID, "x-ms-access-tier", "x-ms-access-tier-change-time", LEASE]],
  ])("returns the properties of a share in version %s", async (version, more) => {
    const response = await rest("GET", "/projects?restype=share", { version });
    expect(normalized(response)).toEqual({
      status: 200,
      headers: names(
        ["content-length", "x-ms-has-immutability-policy", "x-ms-has-legal-hold", "x-ms-share-quota"],
        VALIDATORS,
        more.flat(),
      ),
      body: "",
    });
    expect(response.headers).toMatchObject({
      "x-ms-has-immutability-policy": "false",
      "x-ms-has-legal-hold": "false",
      ...(version >= "2019-12-12" ? { "x-ms-access-tier": "TransactionOptimized" } : {}),
    });
  });

  it("names snapshots by whole seconds, which are unique", async () => {
    const take = async () => {
      const response = await rest("PUT", "/projects?restype=share&comp=snapshot", { version: "2019-02-02" });
      return response.headers["x-ms-snapshot"] ?? "";
    };
    const first = await take();
    const second = await take();
    expect(first).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.0000000Z$/);
    expect(Date.parse(second) - Date.parse(first)).toBeGreaterThanOrEqual(1000);
    expect(share.snapshot() > second).toBe(true);
  });

  it.each([
    ["2019-02-02", "2019-07-15T18:59:07.5365640Z", "Inherit"],
    ["2021-10-04", "now", "inherit"],
  ])("creates a directory with SMB properties in version %s", async (version, time, permission) => {
    const response = await rest("PUT", "/projects/dir1?restype=directory", {
      version,
      headers: {
        "x-ms-file-attributes": "Directory",
        "x-ms-file-creation-time": time,
        "x-ms-file-last-write-time": time,
        "x-ms-file-permission": permission,
      },
    });
    expect(normalized(response)).toEqual({
      status: 201,
      headers: names("content-length", VALIDATORS, CLIENT_ID, SMB, "x-ms-request-server-encrypted"),
      body: "",
    });
    expect(response.headers).toMatchObject({
      "content-length": "0",
      "x-ms-file-attributes": "Directory",
      "x-ms-file-id": "13835128424026341376",
      "x-ms-file-parent-id": "0",
      ...(time === "now" ? {} : { "x-ms-file-creation-time": time, "x-ms-file-last-write-time": time }),
    });
  });

  it("deletes a directory", async () => {
    share.mkdir("dir1");
    expect(await responseTo("DELETE", "/projects/dir1?restype=directory", { version: "2018-11-09" })).toEqual({
      status: 202,
      headers: names("content-length"),
      body: "",
    });
  });
});

describe("files, as recorded", () => {
  it.each([
    ["2019-02-02", "Archive"],
    ["2021-10-04", "None"],
  ])("creates a file with the attribute Archive in version %s", async (version, attributes) => {
    share.mkdir("dir");
    const response = await rest("PUT", "/projects/dir/file", {
      version,
      headers: { "x-ms-type": "file", "x-ms-content-length": "10", "x-ms-file-attributes": attributes },
    });
    expect(normalized(response)).toEqual({
      status: 201,
      headers: names("content-length", VALIDATORS, CLIENT_ID, SMB, "x-ms-request-server-encrypted"),
      body: "",
    });
    expect(response.headers).toMatchObject({
      "x-ms-file-attributes": "Archive",
      "x-ms-file-id": "11529285414812647424",
      "x-ms-file-parent-id": "13835128424026341376",
    });
  });

  it.each([
    ["2018-11-09", []],
    ["2021-10-04", [CLIENT_ID, "x-ms-file-last-write-time"]],
  ])("writes a range and returns its MD5 in version %s", async (version, more) => {
    const before = share.write("file", { size: 10 });
    const response = await rest("PUT", "/projects/file?comp=range", {
      version,
      headers: { "x-ms-range": "bytes=0-9", "x-ms-write": "update" },
      body: Buffer.from("HelloWorld"),
    });
    expect(normalized(response)).toEqual({
      status: 201,
      headers: names("content-length", "content-md5", VALIDATORS, "x-ms-request-server-encrypted", more),
      body: "",
    });
    expect(response.headers["content-md5"]).toBe("aOEJ8PQMpyoV4FzCJ4b45g==");
    expect(response.headers.etag).not.toBe(before);
  });

  it("clears a range without MD5 and x-ms-request-server-encrypted", async () => {
    share.write("file", "HelloWorld");
    const headers = { "x-ms-range": "bytes=1-8", "x-ms-write": "clear" };
    expect(await responseTo("PUT", "/projects/file?comp=range", { version: "2019-02-02", headers })).toEqual({
      status: 201,
      headers: names("content-length", CLIENT_ID, VALIDATORS),
      body: "",
    });
    expect(share.file("file")?.bytes.toString()).toBe("H\0\0\0\0\0\0\0\0d");
  });

  it("returns the properties of a file in version 2019-02-02 and of a leased file in version 2021-10-04", async () => {
    share.write("file", { size: 1024 });
    const known = names(
      ["content-length", "content-type", "x-ms-type", "x-ms-server-encrypted", CLIENT_ID],
      VALIDATORS,
      SMB,
      LEASE,
    );
    const before = await rest("HEAD", "/projects/file", { version: "2019-02-02" });
    expect(normalized(before)).toEqual({ status: 200, headers: known, body: "" });
    expect(before.headers).toMatchObject({
      "content-length": "1024",
      "content-type": "application/octet-stream",
      "x-ms-lease-state": "available",
      "x-ms-lease-status": "unlocked",
      "x-ms-type": "File",
    });
    await leaseFile("file");
    const leased = await rest("HEAD", "/projects/file", { version: "2021-10-04" });
    expect(normalized(leased)).toEqual({ status: 200, headers: [...known, "x-ms-lease-duration"].sort(), body: "" });
    expect(leased.headers).toMatchObject({
      "x-ms-lease-duration": "infinite",
      "x-ms-lease-state": "leased",
      "x-ms-lease-status": "locked",
    });
  });

  it("truncates a range that ends beyond the file", async () => {
    share.write("file", Buffer.alloc(1024, "x"));
    const response = await rest("GET", "/projects/file", {
      version: "2018-11-09",
      headers: { "x-ms-range": "bytes=0-33554431" },
    });
    expect(normalized(response)).toEqual({
      status: 206,
      headers: names(
        ["accept-ranges", "content-length", "content-range", "content-type", "x-ms-server-encrypted", "x-ms-type"],
        VALIDATORS,
      ),
      body: "x".repeat(1024),
    });
    expect(response.headers).toMatchObject({ "content-length": "1024", "content-range": "bytes 0-1023/1024" });
  });

  it("lists written ranges", async () => {
    share.write("file", { size: 2048 });
    for (const start of [0, 1024]) {
      await rest("PUT", "/projects/file?comp=range", {
        version: "2018-11-09",
        headers: { "x-ms-range": `bytes=${start}-${start + 511}`, "x-ms-write": "update" },
        body: Buffer.alloc(512, 1),
      });
    }
    const response = await rest("GET", "/projects/file?comp=rangelist", { version: "2018-11-09" });
    expect(normalized(response)).toEqual({
      status: 200,
      headers: names("content-type", "transfer-encoding", "x-ms-content-length", VALIDATORS),
      body: '\uFEFF<?xml version="1.0" encoding="utf-8"?><Ranges><Range><Start>0</Start><End>511</End></Range><Range><Start>1024</Start><End>1535</End></Range></Ranges>',
    });
    expect(response.headers["x-ms-content-length"]).toBe("2048");
  });

  it("deletes a file", async () => {
    share.write("file", "x");
    expect(await responseTo("DELETE", "/projects/file", { version: "2018-11-09" })).toEqual({
      status: 202,
      headers: names("content-length"),
      body: "",
    });
  });
});

describe("errors, as recorded", () => {
  interface Case {
    request: [method: string, path: string, request?: RestRequest];
    status: number;
    code: string;
    message: string;
    /** Content-Length, for a request ID and time of the usual length. */
    length: number;
    more?: readonly string[];
  }
  const file = { "x-ms-type": "file", "x-ms-content-length": "1024" };
  const old = "2018-11-09";
  const cases: Case[] = [
    {
      request: ["PUT", "/projects/there?restype=directory", { version: old }],
      status: 409,
      code: "ResourceAlreadyExists",
      message: "The specified resource already exists.",
      length: 228,
    },
    {
      request: ["PUT", "/projects/there?restype=directory", { version: "2019-02-02" }],
      status: 409,
      code: "ResourceAlreadyExists",
      message: "The specified resource already exists.",
      length: 228,
      more: [CLIENT_ID],
    },
    {
      request: ["DELETE", "/projects/missing?restype=directory", { version: old }],
      status: 404,
      code: "ResourceNotFound",
      message: "The specified resource does not exist.",
      length: 223,
    },
    {
      request: ["GET", "/projects/missing1/missing2?restype=directory", { version: old }],
      status: 404,
      code: "ParentNotFound",
      message: "The specified parent path does not exist.",
      length: 224,
    },
    {
      request: ["PUT", "/projects/missing/file", { version: "2020-02-10", headers: file }],
      status: 404,
      code: "ParentNotFound",
      message: "The specified parent path does not exist.",
      length: 224,
      more: [CLIENT_ID],
    },
    {
      request: ["DELETE", "/missing?restype=share", { version: old }],
      status: 404,
      code: "ShareNotFound",
      message: "The specified share does not exist.",
      length: 217,
    },
    {
      request: ["DELETE", "/missing/dir?restype=directory", { version: "2021-06-08" }],
      status: 404,
      code: "ShareNotFound",
      message: "The specified share does not exist.",
      length: 217,
      more: [CLIENT_ID],
    },
    {
      request: ["GET", "/projects/empty", { version: old, headers: { "x-ms-range": "bytes=0-32767" } }],
      status: 416,
      code: "InvalidRange",
      message: "The range specified is invalid for the current size of the resource.",
      length: 249,
      more: ["content-range"],
    },
    {
      request: [
        "PUT",
        "/projects/file",
        { version: "2019-02-02", headers: { ...file, "x-ms-file-permission": "abcde" } },
      ],
      status: 400,
      code: "FileInvalidPermission",
      message: "The specified file permission is not valid.",
      length: 233,
      more: [CLIENT_ID],
    },
    {
      request: ["PUT", `/${encodeURIComponent("啊齄丂狛狜")}?restype=share`, { version: old }],
      status: 400,
      code: "InvalidResourceName",
      message: "The specifed resource name contains invalid characters.",
      length: 243,
    },
    {
      request: ["PUT", "/projects?restype=share", { version: old }],
      status: 409,
      code: "ShareAlreadyExists",
      message: "The specified share already exists.",
      length: 222,
    },
    {
      request: [
        "PUT",
        "/projects/empty",
        { version: "2020-02-10", headers: { ...file, "x-ms-lease-id": "50f47992-8e6a-e435-ca8e-1e134621bf65" } },
      ],
      status: 412,
      code: "LeaseNotPresentWithFileOperation",
      message: "There is currently no lease on the file.",
      length: 241,
      more: [CLIENT_ID],
    },
  ];

  it.each(cases)(
    "responds with $status $code to $request.0 $request.1",
    async ({ request, status, code, message, length, more = [] }) => {
      share.mkdir("there");
      share.write("empty", "");
      const response = await rest(...request);
      expect(normalized(response)).toEqual({
        status,
        headers: names("content-length", "content-type", "x-ms-error-code", more),
        body: errorXml(code, message),
      });
      expect(response.headers).toMatchObject({
        "content-length": String(length),
        "content-type": "application/xml",
        server: "Windows-Azure-File/1.0 Microsoft-HTTPAPI/2.0",
        "x-ms-error-code": code,
      });
      if (status === 416) expect(response.headers["content-range"]).toBe("bytes */0");
    },
  );

  it("responds to HEAD with the code in a header and without a body", async () => {
    const response = await rest("HEAD", "/projects/missing", { version: old });
    expect(normalized(response)).toEqual({
      status: 404,
      headers: names("transfer-encoding", "x-ms-error-code"),
      body: "",
    });
    expect(response.headers["x-ms-error-code"]).toBe("ResourceNotFound");
  });

  it("rejects the rename of a leased file without its lease ID", async () => {
    share.write("file", "x");
    await leaseFile("file");
    const response = await rest("PUT", "/projects/renamed?comp=rename", {
      version: "2021-10-04",
      headers: { "x-ms-file-rename-source": `${box.endpoint}/projects/file` },
    });
    expect(normalized(response)).toEqual({
      status: 412,
      headers: names("content-length", "content-type", "x-ms-error-code", CLIENT_ID),
      body: errorXml(
        "LeaseIdMissing",
        "There is currently a lease on the file and no lease ID was specified in the request.",
      ),
    });
    expect(response.headers["content-length"]).toBe("267");
  });

  it("rejects an unauthenticated request without version and client request ID", async () => {
    box.addBearerToken("for-another", { audience: "https://vault.azure.net" });
    const response = await rest("GET", "/projects", { version: "2023-08-03", authorization: "Bearer for-another" });
    expect(normalized(response)).toEqual({
      status: 403,
      headers: ["content-length", "content-type", "date", "server", "vary", "x-ms-error-code", "x-ms-request-id"],
      body: errorXml(
        "AuthenticationFailed",
        "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.",
        "<AuthenticationErrorDetail>Audience validation failed. Audience did not match.</AuthenticationErrorDetail>",
      ),
    });
    expect(response.headers).toMatchObject({
      "content-length": "426",
      server: "Microsoft-HTTPAPI/2.0",
      vary: "Origin",
    });
  });
});

function errorXml(code: string, message: string, more = ""): string {
  return `\uFEFF<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${message}\nRequestId:ID\nTime:TIME</Message>${more}</Error>`;
}

async function leaseFile(path: string): Promise<void> {
  const response = await rest("PUT", `/projects/${path}?comp=lease`, {
    version: "2021-10-04",
    headers: { "x-ms-lease-action": "acquire", "x-ms-lease-duration": "-1" },
  });
  expect(response.status).toBe(201);
}

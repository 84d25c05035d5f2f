import { ShareServiceClient, StorageSharedKeyCredential } from "@azure/storage-file-share";
import { type AzureProjectFilesOptions, azureProjectFiles, type ShareAccess } from "@infrajet/github-azure";
import { type AzureFilesBox, createAzureFilesBox } from "@infrajet/github-testing";
import { setupServer } from "msw/node";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { PROJECT } from "./boxed-files.js";

let box: AzureFilesBox;
const msw = setupServer();

beforeAll(async () => {
  box = await createAzureFilesBox({ bearerTokens: ["entra-token"] });
  msw.listen({ onUnhandledRequest: "error" });
  msw.use(...box.handlers());
  box.createShare("infrajet").write("7/infra/main.tf.", "terraform {}");
});
afterAll(async () => {
  msw.close();
  await box.close();
});
beforeEach(() => box.resetCounters());

function filesBy(access: ShareAccess) {
  return azureProjectFiles({ shareName: "infrajet", maxTries: 1, ...access });
}

async function content(access: ShareAccess): Promise<string> {
  const session = await filesBy(access).open(PROJECT);
  for await (const entry of session.list("")) {
    if (entry.type !== "file") continue;
    const pieces: Uint8Array[] = [];
    for await (const piece of (await session.read(entry)).bytes) pieces.push(piece);
    await session.close();
    return `${entry.path}: ${Buffer.concat(pieces)}`;
  }
  return expect.fail("no file is listed");
}

const entra = (token: string) => ({
  getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }),
});

describe("https://ACCOUNT.file.core.windows.net is reached", () => {
  const ways: Readonly<Record<string, () => ShareAccess>> = {
    "by a connection string": () => ({ connectionString: box.connectionString }),
    "by a connection string with a SAS": () => ({
      connectionString: `FileEndpoint=${box.endpoint};SharedAccessSignature=${box.sas({ permissions: "rwdlc" })}`,
    }),
    "by a shared key": () => ({
      accountUrl: box.endpoint,
      credential: new StorageSharedKeyCredential(box.accountName, box.accountKey),
    }),
    "by a SAS of the account": () => ({ accountUrl: `${box.endpoint}?${box.sas({ permissions: "rwdlc" })}` }),
    "by a SAS of the share": () => ({
      accountUrl: `${box.endpoint}?${box.sas({ share: "infrajet", permissions: "rwdlc" })}`,
    }),
    "by a credential of Entra ID": () => ({ accountUrl: box.endpoint, credential: entra("entra-token") }),
    "by a client of the host's": () => ({
      client: ShareServiceClient.fromConnectionString(box.connectionString, {
        allowTrailingDot: true,
        allowSourceTrailingDot: true,
      }),
    }),
  };

  test.each(Object.keys(ways))("%s", async (way) => {
    const access = ways[way]?.() ?? expect.fail();
    expect(await content(access)).toBe("main.tf.: terraform {}");
    const writer = await filesBy(access).writer({ userId: "8", projectId: "new" });
    await writer.write("dir/a%b #.tf", Buffer.from(way));
    expect(box.share("infrajet").file("8/new/dir/a%b #.tf")?.bytes.toString()).toBe(way);
    expect(await writer.remove("dir/a%b #.tf")).toBe(true);
  });
});

describe("a credential that does not suffice is told from an absence", () => {
  const forbidden = { code: "source_unavailable", details: { reason: "forbidden" } };
  test.each<[string, () => ShareAccess]>([
    ["another key", () => ({ connectionString: box.connectionString.replace(box.accountKey, "d3Jvbmc=") })],
    ["a SAS that may not list", () => ({ accountUrl: `${box.endpoint}?${box.sas({ permissions: "r" })}` })],
    ["a SAS that has expired", () => ({ accountUrl: `${box.endpoint}?${box.sas({ expiresOn: Date.now() - 1_000 })}` })],
    [
      "a SAS that is not valid yet",
      () => ({ accountUrl: `${box.endpoint}?${box.sas({ startsOn: Date.now() + 60_000 })}` }),
    ],
    ["no credential", () => ({ accountUrl: box.endpoint })],
    ["a token that is not accepted", () => ({ accountUrl: box.endpoint, credential: entra("other") })],
    ["a credential that gets no token", () => ({ accountUrl: box.endpoint, credential: unavailable })],
  ])("%s", async (_, access) => {
    await expect(filesBy(access()).open(PROJECT)).rejects.toMatchObject(forbidden);
  });

  test("a SAS that may list and not read", async () => {
    const session = await filesBy({ accountUrl: `${box.endpoint}?${box.sas({ permissions: "l" })}` }).open(PROJECT);
    for await (const entry of session.list("")) {
      if (entry.type === "file") await expect(session.read(entry)).rejects.toMatchObject(forbidden);
    }
    expect(box.requests.at(-1)).toMatchObject({ operation: "GetFile", status: 403 });
  });

  const unavailable = {
    getToken: async () => {
      throw Object.assign(new Error("no identity"), { name: "CredentialUnavailableError" });
    },
  };
});

describe("options that cannot work are named", () => {
  const good = { connectionString: "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=a2V5", shareName: "share" };
  test.each<[object, RegExp]>([
    [{ connectionString: "nonsense" }, /connectionString cannot be read/],
    [{ connectionString: "" }, /give connectionString, accountUrl .* or client/],
    [{ connectionString: undefined }, /give connectionString/],
    [{ connectionString: undefined, accountUrl: "not a url" }, /give connectionString, accountUrl/],
    [{ connectionString: undefined, client: {} }, /give connectionString, accountUrl .* or client/],
    [{ shareName: "Upper" }, /shareName: a share's name has 3 to 63/],
    [{ shareName: "a/b" }, /shareName/],
    [{ shareName: undefined }, /shareName/],
    [{ baseDirectory: "../other" }, /baseDirectory/],
    [{ baseDirectory: "/absolute" }, /baseDirectory/],
    [{ layout: "latest" }, /layout: give "project", "latest-generation" or a function/],
    [{ generationOrder: "size" }, /generationOrder/],
    [{ settling: -1 }, /settling/],
    [{ requestTimeout: 0 }, /requestTimeout/],
    [{ maxTries: 0 }, /maxTries/],
  ])("%j", (wrong, message) => {
    const options = Object.fromEntries(
      Object.entries({ ...good, ...wrong }).filter(([, value]) => value !== undefined),
    );
    // What a caller without types may give.
    expect(() => azureProjectFiles(options as unknown as AzureProjectFilesOptions)).toThrow(
      expect.objectContaining({ code: "invalid_options", message: expect.stringMatching(message) }),
    );
  });

  test("without quoting what may be a secret", () => {
    const connectionString = "AccountKey=c2VjcmV0;Nonsense";
    const make = (): unknown => azureProjectFiles({ connectionString, shareName: "share" });
    expect(make).toThrow(
      expect.toSatisfy(
        (error: Error) => error.cause === undefined && !error.message.includes("c2VjcmV0"),
        "quotes nothing",
      ),
    );
  });
});

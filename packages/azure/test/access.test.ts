import { ShareServiceClient, StorageSharedKeyCredential } from "@azure/storage-file-share";
import { type AzureProjectFilesOptions, azureProjectFiles, type ShareAccess } from "@infrajet/github-azure";
import { type AzureFilesBox, createAzureFilesBox } from "@infrajet/github-testing";
import { setupServer } from "msw/node";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
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

describe("azureProjectFiles access options", () => {
  const ways: Readonly<Record<string, () => ShareAccess>> = {
    "a connection string": () => ({ connectionString: box.connectionString }),
    "a connection string with a SAS": () => ({
      connectionString: `FileEndpoint=${box.endpoint};SharedAccessSignature=${box.sas({ permissions: "rwdlc" })}`,
    }),
    "a shared key": () => ({
      accountUrl: box.endpoint,
      credential: new StorageSharedKeyCredential(box.accountName, box.accountKey),
    }),
    "a SAS of the account": () => ({ accountUrl: `${box.endpoint}?${box.sas({ permissions: "rwdlc" })}` }),
    "a SAS of the share": () => ({
      accountUrl: `${box.endpoint}?${box.sas({ share: "infrajet", permissions: "rwdlc" })}`,
    }),
    "an Entra ID credential": () => ({ accountUrl: box.endpoint, credential: entra("entra-token") }),
    "the host's own client": () => ({
      client: ShareServiceClient.fromConnectionString(box.connectionString, {
        allowTrailingDot: true,
        allowSourceTrailingDot: true,
      }),
    }),
  };

  it.each(Object.keys(ways))("reads and writes files with %s", async (way) => {
    const access = ways[way]?.() ?? expect.fail();
    expect(await content(access)).toBe("main.tf.: terraform {}");
    const writer = await filesBy(access).writer({ userId: "8", projectId: "new" });
    await writer.write("dir/a%b #.tf", Buffer.from(way));
    expect(box.share("infrajet").file("8/new/dir/a%b #.tf")?.bytes.toString()).toBe(way);
    expect(await writer.remove("dir/a%b #.tf")).toBe(true);
  });
});

describe("azureProjectFiles with a rejected credential", () => {
  const forbidden = { code: "source_unavailable", details: { reason: "forbidden" } };
  it.each<[string, () => ShareAccess]>([
    ["a wrong key", () => ({ connectionString: box.connectionString.replace(box.accountKey, "d3Jvbmc=") })],
    ["a SAS without list permission", () => ({ accountUrl: `${box.endpoint}?${box.sas({ permissions: "r" })}` })],
    ["an expired SAS", () => ({ accountUrl: `${box.endpoint}?${box.sas({ expiresOn: Date.now() - 1_000 })}` })],
    [
      "a SAS that is not yet valid",
      () => ({ accountUrl: `${box.endpoint}?${box.sas({ startsOn: Date.now() + 60_000 })}` }),
    ],
    ["no credential", () => ({ accountUrl: box.endpoint })],
    ["a rejected token", () => ({ accountUrl: box.endpoint, credential: entra("other") })],
    ["a credential without a token", () => ({ accountUrl: box.endpoint, credential: unavailable })],
  ])("fails with source_unavailable and the reason forbidden for %s", async (_, access) => {
    await expect(filesBy(access()).open(PROJECT)).rejects.toMatchObject(forbidden);
  });

  it("fails to read with the reason forbidden when a SAS has only list permission", async () => {
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

describe("azureProjectFiles options", () => {
  const good = { connectionString: "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=a2V5", shareName: "share" };
  it.each<[object, RegExp]>([
    [{ connectionString: "nonsense" }, /connectionString is malformed/],
    [{ connectionString: "" }, /connectionString, accountUrl .* and client/],
    [{ connectionString: undefined }, /options connectionString/],
    [{ connectionString: undefined, accountUrl: "not a url" }, /options connectionString, accountUrl/],
    [{ connectionString: undefined, client: {} }, /connectionString, accountUrl .* and client/],
    [{ shareName: "Upper" }, /shareName: must be a share name of 3 to 63/],
    [{ shareName: "a/b" }, /shareName/],
    [{ shareName: undefined }, /shareName/],
    [{ baseDirectory: "../other" }, /baseDirectory/],
    [{ baseDirectory: "/absolute" }, /baseDirectory/],
    [{ layout: "latest" }, /layout: must be "project", "latest-generation" or a function/],
    [{ generationOrder: "size" }, /generationOrder/],
    [{ quietPeriodSeconds: -1 }, /quietPeriodSeconds/],
    [{ requestTimeoutMs: 0 }, /requestTimeoutMs/],
    [{ maxTries: 0 }, /maxTries/],
  ])("are rejected with invalid_options and a message that names the option: %j", (wrong, message) => {
    const options = Object.fromEntries(
      Object.entries({ ...good, ...wrong }).filter(([, value]) => value !== undefined),
    );
    // Callers without TypeScript can pass such options.
    expect(() => azureProjectFiles(options as unknown as AzureProjectFilesOptions)).toThrow(
      expect.objectContaining({ code: "invalid_options", message: expect.stringMatching(message) }),
    );
  });

  it("are not quoted in the error when the connection string is malformed", () => {
    const connectionString = "AccountKey=c2VjcmV0;Nonsense";
    const make = (): unknown => azureProjectFiles({ connectionString, shareName: "share" });
    expect(make).toThrow(
      expect.toSatisfy(
        (error: Error) => error.cause === undefined && !error.message.includes("c2VjcmV0"),
        "contains no part of the connection string",
      ),
    );
  });
});

import { createHash } from "node:crypto";
import type { ExpectedFile, NewContent, WriteOptions } from "@infrajet/github/adapters";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BoxedFiles, FOLDER, PROJECT } from "./boxed-files.js";

let azure: BoxedFiles;
beforeEach(async () => {
  azure = await BoxedFiles.start();
});
afterEach(() => azure.close());

const DROP: WriteOptions = { operation: "42/1", keep: "drop" };

function versionOf(text: string): ExpectedFile {
  const oid = createHash("sha1").update(`blob ${text.length}\0${text}`).digest("hex");
  return { oid, size: text.length, versionTag: null };
}

function contentOf(text: string): NewContent {
  return {
    ...versionOf(text),
    mode: "100644",
    async *bytes() {
      yield Buffer.from(text);
    },
  };
}

const stored = (): Record<string, string> =>
  Object.fromEntries(
    [...azure.share.files()].map(([path, { bytes, leased }]) => [
      path.slice(FOLDER.length + 1),
      `${bytes}${leased ? " (leased)" : ""}`,
    ]),
  );

describe("AzureWriteSession", () => {
  it.each(["CreateFile", "PutRange", "LeaseFile", "RenameFile"])(
    "writes a file when the response to %s is lost",
    async (operation) => {
      azure.write("old.tf", "old");
      const session = await azure.files().openToWrite(PROJECT);
      azure.box.control.fault({ operation, when: "after", respond: "reset" });
      const written = await session.replace("old.tf", contentOf("new"), versionOf("old"), DROP);
      expect(written).toMatchObject({ outcome: "written" });
      expect(stored()).toEqual({ "old.tf": "new" });
    },
  );

  it("answers busy and changes nothing while another client has a lease on the file", async () => {
    azure.write("old.tf", "old");
    const files = azure.files();
    const session = await files.openToWrite(PROJECT);
    const other = await files.openToWrite(PROJECT);
    let written: unknown;
    azure.box.control.beforeRequest(async ({ operation }) => {
      if (operation !== "GetFileProperties" || written !== undefined) return;
      written = null;
      written = await other.replace("old.tf", contentOf("other"), versionOf("old"), { ...DROP, operation: "43/1" });
    });
    expect(await session.replace("old.tf", contentOf("new"), versionOf("old"), DROP)).toMatchObject({
      outcome: "written",
    });
    expect(written).toMatchObject({ outcome: "busy" });
    expect(stored()).toEqual({ "old.tf": "new" });
  });

  it("holds at most 4 leases at the same time", async () => {
    const paths = Array.from({ length: 10 }, (_, index) => `file-${index}.tf`);
    for (const path of paths) azure.write(path, "old");
    const session = await azure.files().openToWrite(PROJECT);
    let most = 0;
    azure.box.control.beforeRequest(() => {
      most = Math.max(most, [...azure.share.files().values()].filter(({ leased }) => leased).length);
    });
    await Promise.all(paths.map((path) => session.replace(path, contentOf("new"), versionOf("old"), DROP)));
    expect(most).toBe(4);
    expect(Object.values(stored())).toEqual(paths.map(() => "new"));
  });

  it("returns the tag that the next listing has", async () => {
    const files = azure.files();
    const session = await files.openToWrite(PROJECT);
    const written = await session.replace("new.tf", contentOf("new"), "absent", DROP);
    const reader = await files.open(PROJECT);
    for await (const entry of reader.list("")) expect(entry).toMatchObject({ path: "new.tf", ...tagOf(written) });
    await reader.close();
  });

  it("fails with source_changed when the project was deleted", async () => {
    const session = await azure.files().openToWrite(PROJECT);
    azure.share.remove(FOLDER);
    await expect(session.replace("new.tf", contentOf("new"), "absent", DROP)).rejects.toMatchObject({
      code: "source_changed",
    });
  });
});

function tagOf(written: object): { readonly versionTag: string } {
  const tag: unknown = Reflect.get(written, "versionTag");
  if (typeof tag !== "string") throw new Error("the write returned no tag");
  return { versionTag: tag };
}

import { isGitHubSdkError } from "@infrajet/github/errors";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { assertAzureId, assertWritablePath } from "../src/azure-name.js";
import { directory, page, ScriptedAzure } from "./scripted-azure.js";

let azure: ScriptedAzure;
beforeAll(async () => {
  azure = await ScriptedAzure.start();
  azure.respond = () => page([directory("x")]);
});
afterAll(() => azure.close());

const HOSTILE = [
  "",
  ".",
  "..",
  "...",
  "../other",
  "..\\other",
  "/etc",
  "a/b",
  "a\\b",
  "C:",
  "//server/share",
  "%2e%2e%2fother",
  "..%2fother",
  "%2F",
  "%5c",
  "%2e%2e",
  "%252e%252e%252fother",
  "%25%32%66",
  "%c0%af%2f",
  "a%00b",
  "a\0b",
  "a\nb",
  "a?b",
  "a*",
  "a|b",
  'a"b',
  "a<b",
  "a:b",
  "con",
  "LPT1",
  "\ud800",
  "x".repeat(256),
];

describe("assertAzureId with an invalid id", () => {
  it.each(HOSTILE)("rejects the id %j before a request is sent", async (id) => {
    const files = azure.files();
    const before = azure.requests.length;
    for (const project of [
      { userId: id, projectId: "infra" },
      { userId: "7", projectId: id },
    ]) {
      await expect(files.open(project)).rejects.toMatchObject({ code: "validation_failed" });
      await expect(files.writer(project)).rejects.toMatchObject({ code: "validation_failed" });
    }
    const layout = (): string[] => ["a", id];
    await expect(azure.files({ layout }).open({ userId: "7", projectId: "infra" })).rejects.toMatchObject({
      code: "validation_failed",
    });
    expect(azure.requests.length).toBe(before);
  });

  it("accepts only ids that stay one path segment after repeated percent-decoding", () => {
    const hostile = fc.string({
      unit: fc.constantFrom(".", "/", "\\", "%", "2", "e", "f", "5", "c", "0", "a", ":"),
      maxLength: 12,
    });
    fc.assert(
      fc.property(hostile, (id) => {
        if (!isAccepted(() => assertAzureId(id, "The id"))) return;
        for (let text = id, times = 0; times < 6; times += 1) {
          const url = new URL(`https://account.file.core.windows.net/share/base/${encodeURIComponent(text)}/x`);
          expect(decodeURIComponent(url.pathname)).toBe(`/share/base/${text}/x`);
          expect(text).not.toMatch(/[/\\\0]|^\.*$/);
          text = text.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("azureProjectFiles with a valid id", () => {
  it.each(["7", "infra", "550e8400-e29b-41d4-a716-446655440000", "Ünïcode 日本", "100%", "a.b..", "a%zz", "a b+c#d"])(
    "opens the directory of the id %j",
    async (id) => {
      const before = azure.requests.length;
      azure.respond = () => page([directory(id)]);
      await (await azure.files().open({ userId: id, projectId: id })).close();
      const looks = azure.requests.slice(before);
      expect(looks.map(({ path }) => path).sort()).toEqual(["projects", `projects/${id}`]);
      expect(looks.map(({ query }) => query.get("prefix"))).toEqual([id, id]);
    },
  );

  it("does not find a directory whose name differs in case or Unicode form", async () => {
    const files = azure.files();
    azure.respond = ({ query }) => page([directory(query.get("prefix")?.toUpperCase() ?? "")]);
    await expect(files.open({ userId: "ada", projectId: "infra" })).rejects.toMatchObject({
      code: "project_not_found",
    });
    azure.respond = ({ query }) => page([directory((query.get("prefix") ?? "").normalize("NFD"))]);
    await expect(files.open({ userId: "zoë", projectId: "infra" })).rejects.toMatchObject({
      code: "project_not_found",
    });
    azure.respond = ({ method, query }) =>
      method === "PUT" ? { status: 409 } : page([directory(`${query.get("prefix")}x`)]);
    await expect(files.open({ userId: "ada", projectId: "infra" })).rejects.toMatchObject({
      code: "project_not_found",
    });
  });
});

describe("assertWritablePath", () => {
  it.each([
    "",
    "/a",
    "a/",
    "a//b",
    "../a",
    "a/../b",
    "a/.",
    "a\\b",
    "a:b",
    "a\nb",
    "aux",
    "x/con",
    "\ud800",
    "n".repeat(256),
  ])("rejects the path %j", (path) => {
    expect(() => assertWritablePath(path, "projects/7/infra")).toThrow(
      expect.objectContaining({ code: "invalid_path" }),
    );
  });

  it("rejects paths that are longer or deeper than Azure Files supports", () => {
    const segment = "s".repeat(200);
    expect(() => assertWritablePath(Array(10).fill(segment).join("/"), "b".repeat(38))).not.toThrow();
    expect(() => assertWritablePath(Array(10).fill(segment).join("/"), "b".repeat(39))).toThrow(/2048 characters/);
    expect(() => assertWritablePath(Array(251).fill("d").join("/"), "")).toThrow(/250 directories/);
  });
});

function isAccepted(check: () => void): boolean {
  try {
    check();
    return true;
  } catch (error) {
    if (isGitHubSdkError(error, "validation_failed")) return false;
    throw error;
  }
}

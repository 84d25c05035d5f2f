import { describe, expect, it } from "vitest";
import { isGitHubSdkError } from "../../src/errors.js";
import { parseSyncRequest, type SyncRequest } from "../../src/sync/sync-request.js";
import { leastCpuTime } from "../cpu-time.js";

const good: SyncRequest = { project: { userId: "ada", projectId: "infra" }, repository: "ada/infra" };

/** Returns a request with values that its type does not allow. */
const wrong = (more: Readonly<Record<string, unknown>>): SyncRequest => ({ ...good, ...more });

const errorOf = (request: SyncRequest) => {
  try {
    parseSyncRequest(request);
  } catch (error) {
    if (isGitHubSdkError(error)) return error;
    throw error;
  }
  throw new Error("The request was accepted.");
};

describe("parseSyncRequest", () => {
  it("fills in the defaults of a request with a project and a repository", () => {
    expect(parseSyncRequest(good)).toMatchObject({
      project: { userId: "ada", projectId: "infra" },
      repository: "ada/infra",
      branch: "main",
      directory: "",
      options: {
        strategy: "merge",
        pathStrategies: [],
        message: null,
        filePaths: null,
        writer: "auto",
        allowMassDeletion: false,
        deleteIgnored: false,
        planHash: null,
      },
    });
  });

  it("uses the project of the source when the request names none", () => {
    const project = { userId: "local", projectId: "infra-1" };
    const { project: _, ...withoutProject } = good;
    expect(parseSyncRequest(withoutProject, { project }).project).toEqual(project);
    expect(parseSyncRequest(good, { project }).project).toEqual(good.project);
  });

  it("requires a project when the source holds several", () => {
    const { project: _, ...withoutProject } = good;
    expect(() => parseSyncRequest(withoutProject)).toThrow(
      expect.objectContaining({ code: "validation_failed", message: expect.stringContaining("project: is required") }),
    );
  });

  it("normalizes the values of a request", () => {
    const parsed = parseSyncRequest(
      {
        ...good,
        project: { userId: 42, projectId: "my project" },
        branch: "feature/x",
        directory: "/infra/prod/",
        strategy: "ours",
        strategies: { "*.lock": "theirs", "docs/a.md": "ours" },
        message: "  Sync it\r\n\r\nWith a body.  ",
        filePaths: ["main.tf", "m/a.tf"],
        writer: "git-data",
        allowMassDeletion: true,
        deleteIgnored: true,
      },
      { planHash: "hash" },
    );
    expect(parsed).toMatchObject({ project: { userId: "42" }, branch: "feature/x", directory: "infra/prod" });
    expect(parsed.options.pathStrategies).toEqual([
      { pattern: "docs/a.md", strategy: "ours" },
      { pattern: "*.lock", strategy: "theirs" },
    ]);
    expect(parsed.options).toMatchObject({
      message: "Sync it\n\nWith a body.",
      planHash: "hash",
      filePaths: ["main.tf", "m/a.tf"],
    });
  });

  it.each<readonly [string, Readonly<Record<string, unknown>>]>([
    ["project", { project: undefined }],
    ["project.userId", { project: { userId: "", projectId: "p" } }],
    ["project.userId", { project: { userId: "..", projectId: "p" } }],
    ["project.userId", { project: { userId: "a/b", projectId: "p" } }],
    ["project.userId", { project: { userId: 1.5, projectId: "p" } }],
    ["project.userId", { project: { userId: null, projectId: "p" } }],
    ["project.projectId", { project: { userId: "u" } }],
    ["project.projectId", { project: { userId: "u", projectId: "" } }],
    ["project.projectId", { project: { userId: "u", projectId: "." } }],
    ["project.projectId", { project: { userId: "u", projectId: "a\\b" } }],
    ["project.projectId", { project: { userId: "u", projectId: "a\0" } }],
    ["project.projectId", { project: { userId: "u", projectId: "x".repeat(256) } }],
    ["project.projectId", { project: { userId: "u", projectId: "é".repeat(128) } }],
    ["project.projectId", { project: { userId: "u", projectId: "\ud800" } }],
    ["repository", { repository: 7 }],
    ["branch", { branch: null }],
    ["directory", { directory: 1 }],
    ["strategy", { strategy: "mine" }],
    ["strategies", { strategies: [] }],
    ["strategies.", { strategies: { "": "ours" } }],
    ["strategies.  ", { strategies: { "  ": "ours" } }],
    ["strategies.!a", { strategies: { a: "ours", "!a": "ours" } }],
    ["strategies.#a", { strategies: { "#a": "ours" } }],
    ["strategies.a\nb", { strategies: { "a\nb": "ours" } }],
    ["strategies.a", { strategies: { a: "pull_request" } }],
    ["message", { message: "   " }],
    ["message", { message: "x".repeat(65_537) }],
    ["message", { message: "é".repeat(32_769) }],
    ["message", { message: "a\u0000b" }],
    ["message", { message: "a\u001bb" }],
    ["message", { message: "a\rb" }],
    ["message", { message: "a\u007fb" }],
    ["message", { message: "a\ud800b" }],
    ["project.userId", { project: { userId: "u".repeat(201), projectId: "p" } }],
    ["project.projectId", { project: { userId: "u", projectId: "p".repeat(201) } }],
    ["repository", { repository: `ada/${"r".repeat(200)}` }],
    ["branch", { branch: "b".repeat(245) }],
    ["branch", { branch: "é".repeat(123) }],
    ["directory", { directory: "d".repeat(4_097) }],
    ["strategies", { strategies: Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`f${i}`, "ours"])) }],
    ["strategies.x", { strategies: { x: "force" } }],
    ["filePaths", { filePaths: Array.from({ length: 10_001 }, () => "f") }],
    ["filePaths.0", { filePaths: ["f".repeat(4_097)] }],
    ["filePaths", { filePaths: "main.tf" }],
    ["filePaths.1", { filePaths: ["a", 2] }],
    ["writer", { writer: "ftp" }],
    ["allowMassDeletion", { allowMassDeletion: "yes" }],
    ["deleteIgnored", { deleteIgnored: 1 }],
  ])("names %s when it is invalid: %o", (field, more) => {
    const error = errorOf(wrong(more));
    expect(error.code).toBe("validation_failed");
    expect(error.message).toContain(`${field}: `);
    expect(error.details.errors).toMatchObject([{ field }]);
  });

  it("parses slashes, long lists and long patterns in linear time", async () => {
    const slow = [
      { directory: `${"/".repeat(4_000)}x${"/".repeat(90)}` },
      { directory: `x${"/".repeat(100_000)}x` },
      { filePaths: Array.from({ length: 700_000 }, () => 1) },
      { filePaths: Array.from({ length: 10_000 }, () => 1) },
      {
        strategies: Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`${"a".repeat(4_000)}\n${i}`, "ours"])),
      },
      { message: `${" \n".repeat(50_000)}x` },
    ];
    for (const more of slow) {
      const parse = (): void => {
        try {
          parseSyncRequest(wrong(more));
        } catch {}
      };
      expect(await leastCpuTime(500, parse), JSON.stringify(more).slice(0, 60)).toBeLessThan(500);
    }
  });

  it("allowEmptyProject includes allowMassDeletion", () => {
    const { options } = parseSyncRequest({ ...good, allowEmptyProject: true });
    expect(options.allowMassDeletion).toBe(true);
  });

  it("names an unknown field, and every invalid field", () => {
    expect(errorOf(wrong({ stratgy: "ours" })).message).toContain("stratgy");
    const error = errorOf(wrong({ strategy: "mine", writer: "ftp" }));
    expect(error.message).toMatch(/strategy: .*; writer: /);
  });

  it.each([
    ["invalid_repository_name", { repository: "infra" }, "repository"],
    ["invalid_branch", { branch: "a..b" }, "branch"],
    ["invalid_branch", { branch: "" }, "branch"],
    ["invalid_path", { directory: "a/../b" }, '"a/../b"'],
    ["invalid_path", { directory: ".git" }, '".git"'],
    ["invalid_path", { filePaths: ["ok", "/etc/passwd"] }, '"/etc/passwd"'],
    ["invalid_path", { filePaths: [""] }, '""'],
  ] as const)("throws %s for %o", (code, more, named) => {
    const error = errorOf(wrong(more));
    expect(error.code).toBe(code);
    expect(error.message).toContain(named);
  });
});

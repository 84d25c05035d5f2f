import { describe, expect, it } from "vitest";
import type { GivenFile } from "../../src/domain/project-file.js";
import { parseWriteFilesRequest, type WriteFilesRequest } from "../../src/sync/write-files-request.js";

const FILE: GivenFile = { content: new Uint8Array(), mode: null };
const good: WriteFilesRequest = {
  source: "app:1",
  repository: "ada/infra",
  branch: "main",
  message: "Write",
  files: new Map([["a.txt", FILE]]),
  strategy: "ours",
};

describe("parseWriteFilesRequest", () => {
  it("normalizes the message", () => {
    expect(parseWriteFilesRequest({ ...good, message: " A\r\n\r\nB " }).options.message).toBe("A\n\nB");
  });

  it.each<readonly [string, Partial<WriteFilesRequest>, string]>([
    ["an empty message", { message: " \r\n" }, "`commit_message` must not be empty"],
    ["a message with a control character", { message: "a\u001b[31m" }, "`commit_message` must not contain control"],
    ["a long message", { message: "é".repeat(40_000) }, "`commit_message` must have at most 65536 bytes"],
    ["no files", { files: new Map() }, "`files` must contain at least one file"],
    [
      "too many files",
      { files: new Map(Array.from({ length: 10_001 }, (_, index) => [`f${index}`, FILE] as const)) },
      "`files` must contain at most 10000 files",
    ],
  ])("rejects %s", (_name, more, words) => {
    expect(() => parseWriteFilesRequest({ ...good, ...more })).toThrow(
      expect.objectContaining({ code: "validation_failed", message: expect.stringContaining(words) }),
    );
  });
});

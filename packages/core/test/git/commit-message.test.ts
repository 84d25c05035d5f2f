import { describe, expect, it } from "vitest";
import {
  commitMessageProblem,
  MAX_COMMIT_MESSAGE_BYTES,
  normalizeCommitMessage,
} from "../../src/git/commit-message.js";

describe("normalizeCommitMessage", () => {
  it("turns CRLF into LF and trims white space", () => {
    expect(normalizeCommitMessage(" Subject\r\n\r\nBody\r\n")).toBe("Subject\n\nBody");
  });
});

describe("commitMessageProblem", () => {
  it.each(["Subject", "Subject\n\n\tindented ünïcode 🚀", "C1 \u0085", "x".repeat(MAX_COMMIT_MESSAGE_BYTES)])(
    "accepts %j",
    (message) => expect(commitMessageProblem(message)).toBeNull(),
  );

  it("rejects every control character of C0 except tab and line feed, and DEL", () => {
    const rejected = Array.from({ length: 128 }, (_, code) => code).filter(
      (code) => commitMessageProblem(`a${String.fromCharCode(code)}b`) !== null,
    );
    const expected = Array.from({ length: 32 }, (_, code) => code).filter((code) => code !== 9 && code !== 10);
    expect(rejected).toEqual([...expected, 127]);
  });

  it.each([
    ["", "must not be empty"],
    ["x".repeat(MAX_COMMIT_MESSAGE_BYTES + 1), "at most 65536 bytes"],
    ["é".repeat(MAX_COMMIT_MESSAGE_BYTES / 2 + 1), "at most 65536 bytes"],
    ["\ud800", "well-formed"],
  ])("rejects an empty, long or ill-formed message", (message, problem) => {
    expect(commitMessageProblem(message)).toContain(problem);
  });
});

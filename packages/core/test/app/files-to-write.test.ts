import { describe, expect, it } from "vitest";
import { type FilesToWrite, parseFilesToWrite } from "../../src/app/files-to-write.js";

const bytes = (text: string) => new TextEncoder().encode(text);

describe("parseFilesToWrite", () => {
  it("accepts text, bytes, contents with a mode, and null for files to delete", () => {
    const files = parseFilesToWrite({
      "text.txt": "é",
      "bytes.bin": new Uint8Array([0, 255]),
      "run.sh": { content: "#!/bin/sh\n", mode: "100755" },
      "kept-mode.bin": { content: new Uint8Array([1]) },
      "gone.txt": null,
    });
    expect(Object.fromEntries(files)).toEqual({
      "text.txt": { content: bytes("é"), mode: null },
      "bytes.bin": { content: new Uint8Array([0, 255]), mode: null },
      "run.sh": { content: bytes("#!/bin/sh\n"), mode: "100755" },
      "kept-mode.bin": { content: new Uint8Array([1]), mode: null },
      "gone.txt": null,
    });
  });

  it.each([[undefined], [1], [{ content: 1 }], [{ mode: "100644" }]])(
    "rejects the value %j and names its path",
    (value) => {
      const files = { "a.txt": value } as unknown as FilesToWrite;
      expect(() => parseFilesToWrite(files)).toThrow(
        expect.objectContaining({ code: "validation_failed", message: expect.stringContaining('files["a.txt"]') }),
      );
    },
  );

  it("rejects a value that is not a record", () => {
    for (const files of [null, undefined, "a", new Map([["a.txt", "a"]])]) {
      expect(() => parseFilesToWrite(files as unknown as FilesToWrite)).toThrow(
        expect.objectContaining({ code: "validation_failed" }),
      );
    }
  });
});

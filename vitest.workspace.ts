import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Tests run on the sources: no build has to happen first, and a stack trace names the line that was written. */
const alias = {
  "@infrajet/github/adapters": source("packages/core/src/adapters/index.ts"),
  "@infrajet/github/errors": source("packages/core/src/errors.ts"),
  "@infrajet/github/folder": source("packages/core/src/folder/index.ts"),
  "@infrajet/github/memory": source("packages/core/src/memory/index.ts"),
  "@infrajet/github-testing/conformance": source("packages/testing/src/conformance/index.ts"),
  "@infrajet/github-testing": source("packages/testing/src/index.ts"),
  "@infrajet/github": source("packages/core/src/index.ts"),
};

const project = (name: string, root: string) => ({
  resolve: { alias },
  test: { name, root, include: ["test/**/*.test.ts"], testTimeout: 30_000 },
});

export default defineConfig({
  test: {
    projects: [
      project("core", "packages/core"),
      project("testing", "packages/testing"),
      project("sync-script", "examples/sync-script"),
    ],
  },
});

import { defineConfig } from "tsup";

export default defineConfig({
  entry: {
    index: "src/index.ts",
    adapters: "src/adapters/index.ts",
    errors: "src/errors.ts",
    folder: "src/folder/index.ts",
    memory: "src/memory/index.ts",
  },
  format: ["esm", "cjs"],
  dts: true,
  clean: true,
  target: "node20",
});

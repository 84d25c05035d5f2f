import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

export default defineConfig({
  root: path("."),
  resolve: { alias: { "@infrajet/github-client": path("../../packages/client/src/index.ts") } },
  // Browsers read the page's fonts from files: a data URL would need an exception in the Content-Security-Policy.
  build: { outDir: path("dist"), emptyOutDir: true, target: "es2022", assetsInlineLimit: 0, modulePreload: false },
});

import { createRequire } from "node:module";
import { join } from "node:path";
import { defineConfig, type Options } from "tsup";

type Plugin = NonNullable<Options["plugins"]>[number];

/**
 * A plugin that fixes default imports of ES modules in CommonJS output. esbuild treats the result of `require()` as the default
 * export, but for a package that is an ES module, the result contains the default export as a property.
 */
const defaultsOfEsModules: Plugin = {
  name: "defaults-of-es-modules",
  renderChunk(code) {
    if (this.format !== "cjs") return undefined;
    const require = createRequire(join(process.cwd(), "package.json"));
    return {
      code: code.replaceAll(/__toESM\(require\("([^"]+)"\), 1\)/g, (call, name: string) =>
        isEsModule(require(name)) ? `__toESM(require("${name}"))` : call,
      ),
    };
  },
};

const isEsModule = (loaded: unknown): boolean => Object.prototype.toString.call(loaded) === "[object Module]";

/** Returns the build configuration of a package: every entry point as an ES module and as CommonJS, each with types. */
export const packageBuild = (entry: Record<string, string>) =>
  defineConfig({
    entry,
    format: ["esm", "cjs"],
    dts: true,
    // With the sources, since packages do not contain them otherwise.
    sourcemap: true,
    clean: true,
    target: "node20",
    removeNodeProtocol: false,
    plugins: [defaultsOfEsModules],
  });

/** Returns the build configuration of a package for browsers: every entry point as an ES module with types. */
export const browserPackageBuild = (entry: Record<string, string>) =>
  defineConfig({
    entry,
    format: ["esm"],
    dts: true,
    sourcemap: true,
    clean: true,
    target: "es2022",
    platform: "browser",
  });

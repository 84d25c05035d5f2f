import { createRequire } from "node:module";
import { join } from "node:path";
import { defineConfig, type Options } from "tsup";

type Plugin = NonNullable<Options["plugins"]>[number];

/**
 * esbuild compiles `import x from "package"` of an ES module to the rules for CommonJS packages, where the default export
 * is all that `require()` gives. What it gives of a package that is itself an ES module has the default export in it.
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

/** How a package of this workspace is built: every entry point as an ES module and as CommonJS, with types for each. */
export const packageBuild = (entry: Record<string, string>) =>
  defineConfig({
    entry,
    format: ["esm", "cjs"],
    dts: true,
    clean: true,
    target: "node20",
    removeNodeProtocol: false,
    plugins: [defaultsOfEsModules],
  });

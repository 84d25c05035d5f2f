import { existsSync, readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

const { compilerOptions }: { compilerOptions: { paths: Record<string, readonly string[]> } } = JSON.parse(
  readFileSync(path("tsconfig.json"), "utf8"),
);

/** Tests run on the sources, by tsconfig's names for them: no build has to happen first, and a stack trace names the line that was written. */
const alias = Object.entries(compilerOptions.paths).map(([name, [source = ""]]) => ({
  find: new RegExp(`^${name}$`),
  replacement: path(source),
}));

/**
 * The tests of one package. Test files of a process share the modules that they import: loading them for each file took a third of
 * the CPU time. A file that replaces modules (`vi.mock`) is named `*.isolated.test.ts` and runs in a process of its own.
 */
const projectsOf = (folder: string, name: string) =>
  [false, true].map((isolate) => ({
    resolve: { alias },
    test: {
      name: isolate ? `${name} (isolated)` : name,
      root: path(`${folder}/${name}`),
      include: [isolate ? "test/**/*.isolated.test.ts" : "test/**/!(*.isolated).test.ts"],
      setupFiles: [path(".ci/secrets/record.ts")],
      testTimeout: 30_000,
      isolate,
    },
  }));

const projects = ["packages", "examples"].flatMap((folder) =>
  readdirSync(path(folder))
    .filter((name) => existsSync(path(`${folder}/${name}/test`)))
    .flatMap((name) => projectsOf(folder, name)),
);

export default defineConfig({
  test: {
    projects,
    globalSetup: [path(".ci/secrets/search.ts")],
    // A quarter of the time is spent waiting for timers, git and other processes: one worker a core leaves the cores idle.
    maxWorkers: availableParallelism() + 1,
  },
});

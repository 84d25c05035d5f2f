import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

const { compilerOptions }: { compilerOptions: { paths: Record<string, readonly string[]> } } = JSON.parse(
  readFileSync(path("tsconfig.json"), "utf8"),
);

/** Tests run on the sources, by tsconfig's names for them: no build has to happen first, and a stack trace names the line that was written. */
const alias = Object.entries(compilerOptions.paths).map(([name, [source = ""]]) => ({
  find: new RegExp(`^${name}$`),
  replacement: path(source),
}));

const TESTS = "{packages,examples}/*/test/**";
const ISOLATED = "isolated";

/** Starts isolated files first: a shared process ends when the next file in the queue belongs to another project. */
class IsolatedFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const rank = (file: TestSpecification): number => (file.project.name === ISOLATED ? 0 : 1);
    return sorted.toSorted((one, other) => rank(one) - rank(other));
  }
}

const projectOf = (name: string, options: { include: string[]; isolate: boolean }) => ({
  resolve: { alias },
  test: {
    ...options,
    name,
    root: path("."),
    setupFiles: [path(".ci/secrets/record.ts")],
    // Ends tests that hang. A test that has to be fast measures events, counts or its own CPU time.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
  },
});

/**
 * Test files of a process share the modules that they import: loading them for each file took a third of the CPU time. All
 * packages are one project, since files of two projects share neither a process nor transformed sources.
 * A file that replaces modules (`vi.mock`) is named `*.isolated.test.ts` and runs in a process of its own.
 */
export default defineConfig({
  test: {
    projects: [
      projectOf(ISOLATED, { include: [`${TESTS}/*.isolated.test.ts`], isolate: true }),
      projectOf("shared", { include: [`${TESTS}/!(*.isolated).test.ts`], isolate: false }),
    ],
    sequence: { sequencer: IsolatedFilesFirst },
    globalSetup: [path(".ci/secrets/search.ts")],
    // Keeps transformed sources between runs, by their content: transforming all of them takes a minute of CPU time.
    experimental: { fsModuleCache: true, fsModuleCachePath: path("node_modules/.cache/vitest") },
    // A quarter of the time is spent waiting for timers, git and other processes: one worker a core leaves the cores idle.
    maxWorkers: availableParallelism() + 1,
  },
});

import { fileURLToPath } from "node:url";
import { DEFAULT_BASE_PATH, openApiDocument, routes } from "@infrajet/github/http";
import { createConfig, lintFromString } from "@redocly/openapi-core";
import openapiTS, { astToString } from "openapi-typescript";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const DOCUMENT = fileURLToPath(new URL("../../../../docs/openapi.json", import.meta.url));
const source = `${JSON.stringify(openApiDocument(routes, DEFAULT_BASE_PATH), null, 2)}\n`;

describe("openApiDocument", () => {
  // To update it: `npx vitest run --config vitest.workspace.ts packages/core/test/http/openapi.test.ts -u`.
  it("matches the published docs/openapi.json", async () => {
    await expect(source).toMatchFileSnapshot(DOCUMENT);
  });

  it("has no lint problems", async () => {
    // GET /auth/callback always redirects, and GET /health has no client errors.
    const rules = { "operation-2xx-response": "off", "operation-4xx-response": "off" } as const;
    const config = await createConfig({ extends: ["recommended"], rules });
    const problems = await lintFromString({ source, absoluteRef: "openapi.json", config });
    expect(problems.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toEqual([]);
  });

  it("generates a client that types requests and responses", async () => {
    const types = astToString(await openapiTS(source));
    const [good, ...bad] = problemsOf(types, [GOOD_CALLS, ...BAD_CALLS.map(([call]) => call)]);
    expect(good).toEqual([]);
    expect(bad).toEqual(BAD_CALLS.map(([, problem]) => [expect.stringMatching(problem)]));
  });
});

const CLIENT = `
  type Body<P extends keyof paths> = paths[P] extends
    { post: { requestBody?: { content: { "application/json": infer B } } } } ? B : never;
  type ResponseOf<P extends keyof paths, M extends "get" | "post"> = paths[P] extends
    { [K in M]: { responses: { 200: { content: { "application/json": infer A } } } } } ? A : never;
`;

const GOOD_CALLS = `
  const least: Body<"/sync/project"> = { project_id: "p", repository_full_name: "a/b" };
  const push: Body<"/repositories/push"> = {
    installation_id: 1, repo_owner: "a", repo_name: "b", commit_message: "m", branch: "dev",
    files: { "a.tf": "text", "b.bin": { content: "AAEC", encoding: "base64", mode: "100755" }, "c.tf": null },
  };
  declare const sync: ResponseOf<"/sync/manual-trigger", "post">;
  const sha: string | null = sync.commit_sha;
  const paths_: string[] = sync.conflicts.map((conflict) => conflict.file_path);
  declare const status: ResponseOf<"/sync/status/{project_id}", "get">;
  if (status.status === "never_synced") status.repository satisfies null;
  else status.progress?.progress_percentage satisfies number | undefined;
  const query: paths["/repositories"]["get"]["parameters"]["query"] = { per_page: 100 };
  export { least, push, sha, paths_, query };
`;

const BAD_CALLS: readonly (readonly [string, RegExp])[] = [
  [`export const body: Body<"/sync/project"> = { project_id: "p" };`, /repository_full_name.*is missing/],
  [`export const body: Body<"/sync/retry"> = { sync_record_id: "7" };`, /'string' is not assignable to type 'number'/],
  [`declare const sync: ResponseOf<"/sync/project", "post">; export const sha: string = sync.commit_sha;`, /null/],
];

/** Returns the TypeScript errors of modules that use the generated types. */
function problemsOf(types: string, modules: readonly string[]): string[][] {
  const files = new Map(modules.map((code, index) => [`client-${index}.ts`, `${types}${CLIENT}${code}`]));
  const options = { strict: true, noEmit: true, types: [], lib: ["lib.es2022.d.ts"], target: ts.ScriptTarget.ES2022 };
  const host = ts.createCompilerHost(options);
  const { getSourceFile } = host;
  host.getSourceFile = (name, ...rest) => {
    const text = files.get(name);
    return text === undefined ? getSourceFile(name, ...rest) : ts.createSourceFile(name, text, ts.ScriptTarget.ES2022);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return [...files.keys()].map((name) =>
    ts
      .getPreEmitDiagnostics(program, program.getSourceFile(name))
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " ")),
  );
}

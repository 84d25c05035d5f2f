import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { parseArguments } from "../src/arguments.js";
import { readGitHubAccess } from "../src/environment.js";
import { defaultStatePath } from "../src/state-path.js";
import { UsageError } from "../src/usage-error.js";

const folder = mkdtempSync(join(tmpdir(), "infrajet-arguments-"));
writeFileSync(join(folder, "file"), "");
afterAll(() => rmSync(folder, { recursive: true }));

const parse = (...argv: string[]) => parseArguments(argv, folder);

it("parseArguments applies the defaults", () => {
  expect(parse(".", "acme/infra")).toEqual({
    folder,
    repository: "acme/infra",
    branch: "main",
    directory: "",
    projectId: folder.split(/[/\\]/).at(-1),
    strategy: "merge",
    message: null,
    writer: "auto",
    stateFile: null,
    strategies: new Map(),
    allowMassDeletion: false,
    allowEmptyProject: false,
    allowSecrets: [],
    bypassRules: false,
    deleteIgnored: false,
    direction: "push",
    onConflict: "stop",
    allowRewrittenHistory: false,
    planHash: null,
    plan: false,
    json: false,
  });
});

it("parseArguments accepts every option, before and after the arguments", () => {
  const argv =
    "--branch dev --directory /infra/net/ . acme/infra --project-id p --strategy pull_request --writer git-data";
  expect(parse(...argv.split(" "), "--message", "Two words", "--state", "s.json", "--plan", "--json")).toMatchObject({
    branch: "dev",
    directory: "infra/net",
    projectId: "p",
    strategy: "pull_request",
    message: "Two words",
    writer: "git-data",
    stateFile: join(folder, "s.json"),
    plan: true,
    json: true,
  });
  expect(
    parse(".", "acme/infra", "--allow-mass-deletion", "--bypass-rules", "--delete-ignored", "--apply", "h1"),
  ).toMatchObject({ allowMassDeletion: true, bypassRules: true, deleteIgnored: true, planHash: "h1" });
  const strategies = parse(".", "acme/infra", "--strategies", "*.lock=theirs", "--strategies", "a=b.tf=ours");
  expect(strategies?.strategies).toEqual(
    new Map([
      ["*.lock", "theirs"],
      ["a=b.tf", "ours"],
    ]),
  );
  expect(parse(".", "acme/infra", "--allow-empty-project")?.allowEmptyProject).toBe(true);
  const secrets = parse(".", "acme/infra", "--allow-secret", "a.pem", "--allow-secret", "test/b.pem");
  expect(secrets?.allowSecrets).toEqual(["a.pem", "test/b.pem"]);
  expect(parse("--help")).toBeNull();
});

it.each([
  [[], /^DIR is missing/],
  [["."], /^OWNER\/REPO is missing/],
  [[".", "acme"], /^OWNER\/REPO: write "acme" as owner\/name/],
  [["nowhere", "acme/infra"], /^DIR: the folder "nowhere" does not exist/],
  [["file", "acme/infra"], /^DIR: "file" is a file/],
  [[".", "acme/infra", "more"], /^Unexpected argument "more"/],
  [[".", "acme/infra", "--stratgy=ours"], /^Unknown option '--stratgy'\.$/],
  [[".", "acme/infra", "--branch"], /'--branch <value>' argument missing/],
  [[".", "acme/infra", "--strategy", "mine"], /^--strategy: "mine" is none of fail, merge/],
  [[".", "acme/infra", "--writer", "rest"], /^--writer: "rest" is none of auto, graphql/],
  [[".", "acme/infra", "--message", " "], /^--message is empty/],
  [[".", "acme/infra", "--directory", "../other"], /^--directory: "\.\.\/other" is not a directory/],
  [[".", "acme/infra", "--project-id", "a/b"], /^--project-id: give the project a name without slashes/],
  [[".", "acme/infra", "--strategies", "ours"], /^--strategies: write "ours" as GLOB=STRATEGY/],
  [[".", "acme/infra", "--strategies", "a=mine"], /^--strategies: "mine" is none of fail, merge/],
  [[".", "acme/infra", "--apply", ""], /^--apply is empty/],
  [[".", "acme/infra", "--apply", "h1", "--plan"], /^--apply cannot be combined with --plan/],
  [[".", "acme/infra", "--plan=yes"], /'--plan' does not take an argument/],
])("rejects %j and says how to correct it", (argv, message) => {
  expect(() => parse(...argv)).toThrow(message);
  expect(() => parse(...argv)).toThrow(UsageError);
});

it("readGitHubAccess returns the addresses of GitHub and the credentials", () => {
  expect(readGitHubAccess({ GITHUB_TOKEN: " t " })).toMatchObject({
    apiUrl: "https://api.github.com",
    serverUrl: "https://github.com",
  });
  const { credentials } = readGitHubAccess({ GITHUB_TOKEN: " t " });
  expect(credentials.kind === "token" && credentials.token.reveal()).toBe("t");
  expect(readGitHubAccess({ GITHUB_TOKEN: "t", GITHUB_API_URL: "https://git.example.com/api/v3/" })).toMatchObject({
    apiUrl: "https://git.example.com/api/v3",
    serverUrl: "https://git.example.com",
  });
});

it.each([
  [{}, /^GITHUB_TOKEN is missing\. Set/],
  [{ GITHUB_TOKEN: "" }, /^GITHUB_TOKEN is missing/],
  [{ GITHUB_CLIENT_ID: "c", CI: "1" }, /^GITHUB_TOKEN is missing/],
  [{ GITHUB_TOKEN: "a\nb" }, /^GITHUB_TOKEN contains spaces or line breaks/],
  [{ GITHUB_APP_ID: "1", GITHUB_INSTALLATION_ID: "2" }, /^GITHUB_PRIVATE_KEY is missing/],
  [{ GITHUB_APP_ID: "1", GITHUB_PRIVATE_KEY: "k" }, /^GITHUB_INSTALLATION_ID is missing/],
  [{ GITHUB_TOKEN: "t", GITHUB_API_URL: "api.github.com" }, /^GITHUB_API_URL is not a URL/],
  [{ GITHUB_TOKEN: "t", GITHUB_SERVER_URL: "ftp://github.com" }, /^GITHUB_SERVER_URL is not a URL/],
])("rejects the environment %j", (env, message) => {
  expect(() => readGitHubAccess(env)).toThrow(message);
});

it("defaultStatePath returns a separate file in the state folder of the system for each target", () => {
  const target = { repository: "Acme/Infra", branch: "main", directory: "", projectId: "p" };
  const path = (over: Partial<typeof target> = {}, apiUrl = "https://api.github.com") =>
    defaultStatePath({ ...target, ...over }, apiUrl, { XDG_STATE_HOME: "/state" }, "linux");
  expect(path()).toMatch(/^\/state\/infrajet-github\/acme-infra-main-[0-9a-f]{12}\.json$/);
  expect(path({ repository: "acme/infra" })).toBe(path());
  const others = [
    path({ branch: "Main" }),
    path({ directory: "d" }),
    path({ projectId: "q" }),
    path({}, "https://x/api"),
  ];
  expect(new Set([path(), ...others]).size).toBe(5);
  expect(path({ branch: "feature/../../x" })).toMatch(/^\/state\/infrajet-github\/[^/]+$/);
  expect(defaultStatePath(target, "u", {}, "linux")).toContain(join(".local", "state", "infrajet-github"));
  expect(defaultStatePath(target, "u", {}, "darwin")).toContain(join("Library", "Application Support"));
  expect(defaultStatePath(target, "u", { LOCALAPPDATA: "/local" }, "win32")).toContain(
    join("/local", "infrajet-github"),
  );
});

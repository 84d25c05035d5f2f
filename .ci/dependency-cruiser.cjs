// The dependency rules. A layer imports only lower layers, so that a file can be read without knowing higher layers, and a change
// in a higher layer cannot break a lower one. Type-only imports count too.
const { readFileSync } = require("node:fs");
const { join } = require("node:path");

const { compilerOptions } = JSON.parse(readFileSync(join(__dirname, "../tsconfig.json"), "utf8"));

const core = "packages/core/src/";
const escaped = (text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** The source files of the packages' public entry points. */
const entryPoints = Object.values(compilerOptions.paths).map(([path]) => `^${escaped(path.replace(/^\.\//, ""))}$`);

const features = ["connections", "app", "sync", "webhooks", "realtime", "doctor"];

/** The layers of core, lowest first. A module may import its own part (a folder or a group of files) and all lower layers. */
const layers = [
  [
    {
      name: "ground",
      path: `^${core}(closed-error|defined|errors|issue-text|logger|option-names|outage|read-at-most|redaction|secret|version)\\.ts$`,
      why: "errors, secrets and the logger do not depend on their users",
    },
  ],
  [
    {
      name: "domain",
      path: `^${core}domain/`,
      why: "records and rules do not depend on stores, the network or features",
    },
  ],
  [
    {
      name: "adapters",
      path: `^${core}adapters/`,
      why: "a host implements these interfaces with domain records only",
    },
  ],
  [
    {
      name: "timing",
      path: `^${core}timing/`,
      why: "timeouts, bounded caches and yields to the event loop serve every caller and depend only on the clock",
    },
  ],
  [
    { name: "events", path: `^${core}events\\.ts$`, why: "an event is plain data over a pub-sub" },
    {
      name: "memory",
      path: `^${core}memory/`,
      why: "the reference stores use only the adapters, like a host's stores",
    },
    {
      name: "folder",
      path: `^${core}folder/`,
      why: "a source of project files uses only the adapters, like a host's source",
    },
    { name: "secrets", path: `^${core}secrets/`, why: "the search for secrets sees a text, not its sync" },
    { name: "git", path: `^${core}git/`, why: "git's formats do not depend on the server of the repository" },
    { name: "github", path: `^${core}github/`, why: "the client sends requests on behalf of higher layers" },
  ],
  [
    {
      name: "repository",
      path: `^${core}repository/`,
      why: "every feature reads and writes branches in the same way",
    },
  ],
  features.map((name) => ({
    name,
    path: `^${core}${name}/`,
    why: "features do not import each other: sdk.ts connects them, so that each can be read, tested and replaced alone",
  })),
  [
    {
      name: "sdk",
      path: `^${core}(app-options|github-sdk|sdk|sdk-doctor|options|options-schema|environment|readiness|memory-store-warning)\\.ts$`,
      why: "the SDK works without HTTP endpoints",
    },
  ],
  [
    {
      name: "http",
      path: `^${core}http/`,
      why: "the route table does not depend on a server; Node and the frameworks use it",
    },
  ],
  [
    {
      name: "node",
      path: `^${core}node/`,
      why: "the bridge to Node's servers is the layer below the framework packages",
    },
  ],
];

/** The layers of the sync feature, lowest first, in the order in which a sync passes through them. */
const syncLayers = [
  {
    name: "request",
    path: `^${core}sync/(sync-request|write-files-request)\\.ts$`,
    why: "a request is validated before anything is read",
  },
  { name: "project", path: `^${core}sync/project/`, why: "the project's files are read without a record or a branch" },
  { name: "record", path: `^${core}sync/record/`, why: "leases, attempts and recovery work without a plan" },
  { name: "plan", path: `^${core}sync/plan/`, why: "a plan is made before anything is written" },
  { name: "commit", path: `^${core}sync/commit/`, why: "a commit is made from a plan" },
  { name: "run", path: `^${core}sync/run/`, why: "a run joins project, record, plan and commit" },
  { name: "link", path: `^${core}sync/link/`, why: "a link only creates the records that a run carries out" },
  { name: "conflicts", path: `^${core}sync/conflicts/`, why: "conflicts are read and resolved between two runs" },
  {
    name: "engine",
    path: `^${core}sync/[^/]+\\.ts$`,
    why: "the engine assembles the folders; a folder declares the services that it needs",
  },
];

/** One rule per layer of the sync feature: it imports only itself and lower layers of the feature. */
const fallingSyncArrows = syncLayers.map(({ name, path, why }, height) => {
  const below = syncLayers.slice(0, height);
  // The engine's pattern covers the files of the request as well.
  const own = name === "engine" ? { path, pathNot: syncLayers[0].path } : { path };
  return {
    name: `core-sync-${name}-imports-only-what-is-below`,
    comment: `${why}. May import of the sync feature: ${below.map((layer) => layer.name).join(", ") || "nothing"}.`,
    severity: "error",
    from: own,
    to: { path: `^${core}sync/`, pathNot: [path, ...below.map((layer) => layer.path)] },
  };
});

/** One rule per part of core: it imports only itself and lower layers. */
const fallingArrows = layers.flatMap((parts, height) => {
  const below = layers.slice(0, height).flat();
  return parts.map(({ name, path, why }) => ({
    name: `core-${name}-imports-only-what-is-below`,
    comment: `${why}. May import: ${below.map((part) => part.name).join(", ") || "nothing in core"}.`,
    severity: "error",
    from: { path },
    to: { path: `^${core}`, pathNot: [path, ...below.map((part) => part.path)] },
  }));
});

const gitHubBox = "packages/testing/src/github/";

/** The folders of the GitHub box, lowest first; folders of one list do not import each other. */
const gitHubBoxFolders = [
  ["accounts", "git"],
  ["repositories"],
  ["control"],
  ["http"],
  ["oauth", "smart-http"],
  ["apps"],
  ["payloads", "web"],
  ["webhooks"],
  ["routes"],
  ["graphql"],
];

/** One rule per folder of the GitHub box: it imports itself, lower folders and the files of `src/github` itself. */
const gitHubBoxArrows = gitHubBoxFolders.flatMap((siblings, height) =>
  siblings.map((name) => ({
    name: `github-box-${name}-imports-only-what-is-below`,
    comment: "Folders that import each other can only be read and tested together.",
    severity: "error",
    from: { path: `^${gitHubBox}${name}/` },
    to: {
      path: `^${gitHubBox}[^/]+/`,
      pathNot: [name, ...gitHubBoxFolders.slice(0, height).flat()].map((folder) => `^${gitHubBox}${folder}/`),
    },
  })),
);

const rules = [
  {
    name: "core-file-has-a-layer",
    comment: "A file without a layer could import everything. Move it to one of the parts above, or add a part.",
    from: { path: `^${core}`, pathNot: [`^${core}index\\.ts$`, ...layers.flat().map(({ path }) => path)] },
    to: {},
  },
  {
    name: "core-entry-points-face-outwards",
    comment:
      "index.ts files are public entry points. Inside core, import the file that defines the name; importing an entry point creates cycles.",
    from: { path: `^${core}`, pathNot: `^${core}index\\.ts$` },
    to: { path: `^${core}([^/]+/|)index\\.ts$` },
  },
  {
    name: "core-defaults-are-chosen-in-options",
    comment:
      "Memory stores and folders are defaults. Only options.ts, environment.ts and sdk.ts choose them, and memory-store-warning.ts recognizes them; all other files use interfaces.",
    from: {
      path: `^${core}`,
      pathNot: [
        `^${core}(index|options|environment|sdk|sdk-doctor|memory-store-warning)\\.ts$`,
        `^${core}(memory|folder)/`,
      ],
    },
    to: { path: `^${core}(memory|folder)/` },
  },
  {
    name: "core-knows-no-framework",
    comment:
      "Express, Fastify, Prisma, Azure and msw belong to separate packages, so that users install only what they use.",
    from: { path: `^${core}` },
    to: { path: "(^|/)node_modules/(@types/)?(@?(express|fastify|prisma|azure)|msw|ioredis|bullmq)(/|$)" },
  },
  {
    name: "domain-and-adapters-do-no-io",
    comment: "Rules and interfaces are pure, so that they apply to every store and can be tested without one.",
    from: { path: `^${core}(domain|adapters)/` },
    to: { dependencyTypes: ["core"], pathNot: "^(node:)?(buffer|crypto|stream|util|zlib)(/|$)" },
  },
  {
    name: "git-knows-no-network",
    comment: "git/ converts between bytes and objects. repository/ sends them.",
    from: { path: `^${core}git/` },
    to: { dependencyTypes: ["core"], path: "^(node:)?(https?|http2|net|tls|dgram|dns|child_process)(/|$)" },
  },
  {
    name: "packages-meet-at-entry-points",
    comment: "A package may use only the public entry points of another package. Import it by its name.",
    from: { path: "^(packages/[^/]+|examples/[^/]+)/" },
    to: { path: "^(packages|examples)/[^/]+/", pathNot: ["^$1/", ...entryPoints] },
  },
  {
    name: "nothing-shipped-imports-testing",
    comment: "The boxes are for tests and examples. Published code must not need them.",
    from: { path: "^packages/[^/]+/src/", pathNot: "^packages/testing/" },
    to: { path: "^packages/testing/" },
  },
  {
    name: "nothing-shipped-imports-tests",
    comment: "Tests and examples are not published.",
    from: { path: "^packages/[^/]+/src/" },
    to: { path: "^(packages/[^/]+/test|examples)/" },
  },
  {
    name: "boxes-know-nothing-of-core",
    comment: "A box that shared code with core would share its faults.",
    from: { path: "^packages/testing/src/(box|github|azure)/" },
    to: { path: "^packages/core/" },
  },
  {
    name: "stores-and-sources-see-interfaces-only",
    comment:
      "Our stores use only what a host's own store can use: the adapters and the errors. open-driver.ts also locks the folder of an embedded database, by the class that core/folder exports.",
    from: {
      path: "^packages/(prisma|azure|bullmq)/src/",
      pathNot: "^packages/prisma/src/database/open-driver\\.ts$",
    },
    to: { path: "^packages/core/", pathNot: `^${core}(adapters/index|errors)\\.ts$` },
  },
  {
    name: "adapter-packages-are-siblings",
    comment: "Users of one adapter package do not install the others.",
    from: { path: "^packages/(express|fastify|prisma|azure|bullmq)/src/" },
    to: { path: "^packages/(express|fastify|prisma|azure|bullmq)/", pathNot: "^packages/$1/" },
  },
  {
    name: "client-knows-the-endpoints-only",
    comment: "A page that uses the client does not install the SDK. Its types come from the OpenAPI document.",
    from: { path: "^packages/client/src/" },
    to: { path: "^packages/(?!client/)" },
  },
  {
    name: "client-needs-no-node",
    comment: "Browsers have no modules of Node.",
    from: { path: "^packages/client/src/" },
    to: { dependencyTypes: ["core"] },
  },
  {
    name: "shipped-code-depends-on-what-is-installed-with-it",
    comment: "Development dependencies are not installed in a user's project.",
    from: { path: "^packages/[^/]+/src/" },
    to: {
      dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"],
      dependencyTypesNot: ["npm", "npm-peer", "npm-optional"],
      pathNot: "node_modules/@types/",
    },
  },
  {
    name: "no-circles",
    comment:
      "Files in a cycle can only be understood, tested and moved together. Extract what both need, or reverse one import.",
    from: {},
    to: { circular: true },
  },
  {
    name: "no-orphans",
    comment: "A file that imports nothing and is not imported is unused.",
    from: { orphan: true, path: "^(packages|examples)/", pathNot: ["\\.d\\.ts$", "\\.config\\.ts$"] },
    to: {},
  },
  {
    name: "no-unresolvable",
    comment: "An import that cannot be resolved fails for users.",
    from: {},
    to: { couldNotResolve: true },
  },
];

module.exports = {
  forbidden: [
    ...fallingArrows,
    ...fallingSyncArrows,
    ...gitHubBoxArrows,
    ...rules.map((rule) => ({ severity: "error", ...rule })),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(packages|examples)/[^/]+/(dist|generated)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: join(__dirname, "../tsconfig.json") },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default", "types"] },
  },
};

// A host's program: it extends its own Prisma client and syncs a folder to a repository.
import { createGitHubSdk, optionsFromEnv } from "@infrajet/github";
import { folderFiles } from "@infrajet/github/folder";
import { prismaStores } from "@infrajet/github-prisma";
import { PrismaLibSql } from "@prisma/adapter-libsql";
import { PrismaPg } from "@prisma/adapter-pg";
import { PrismaClient } from "./generated/prisma/client.js";

const { DATABASE_URL: url = "", HOST_GITHUB_TOKEN: auth = "", HOST_PROJECT: folder = "" } = process.env;
const adapter = url.startsWith("file:") ? new PrismaLibSql({ url }) : new PrismaPg({ connectionString: url });
const plain = new PrismaClient({ adapter });
const extended = plain.$extends({
  model: { user: { named: (name: string) => plain.user.findFirst({ where: { name } }) } },
  query: { $allModels: { $allOperations: ({ args, query }) => query(args) } },
  result: { user: { greeting: { needs: { name: true }, compute: ({ name }) => `Hello, ${name}` } } },
});

const sdk = createGitHubSdk({
  ...optionsFromEnv(),
  auth,
  stores: prismaStores(extended),
  projectFiles: folderFiles(folder),
});
const { status, error, filesSynced } = await sdk.sync.run({
  project: { userId: "1", projectId: "infra" },
  repository: "ada/infra",
});
await sdk.close();

// The host's client reads the rows that the SDK wrote, with generated types.
const records = await plain.gitHubSyncRecord.findMany({ select: { status: true, commitId: true } });
await plain.$disconnect();
console.log(JSON.stringify({ status, error, filesSynced, records }));

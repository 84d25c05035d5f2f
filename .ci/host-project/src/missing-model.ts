import { prismaStores } from "@infrajet/github-prisma";
import type { PrismaClient } from "./generated/prisma/client.js";

export const withoutLeases = (client: Omit<PrismaClient, "gitHubLease">) =>
  // @ts-expect-error The compiler finds a model that is missing in the host's schema.
  prismaStores(client);

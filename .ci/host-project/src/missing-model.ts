import { prismaStores } from "@infrajet/github-prisma";
import type { PrismaClient } from "./generated/prisma/client.js";

export const withoutLeases = (client: Omit<PrismaClient, "gitHubLease">) =>
  // @ts-expect-error The compiler detects that a model is missing in the host's schema.
  prismaStores(client);

import { randomUUID } from "node:crypto";
import type { PrismaTables } from "../client.js";

/**
 * Takes the next number of a project's changes. The first statement of the transaction that writes the record: the row lock is
 * held until the commit, so that numbers become visible in their order.
 */
export async function nextChangeSeq({ gitHubChangeCounter }: PrismaTables, projectKey: string): Promise<number> {
  const where = { projectKey };
  const { count } = await gitHubChangeCounter.updateMany({ where, data: { seq: { increment: 1n } } });
  if (count > 0) return Number((await gitHubChangeCounter.findFirst({ where }))?.seq);
  await gitHubChangeCounter.create({ data: { projectKey, feedId: randomUUID(), seq: 1n } });
  return 1;
}

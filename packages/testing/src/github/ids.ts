/** Returns a generator of increasing IDs. */
export function idSequence(first: number): () => number {
  let next = first;
  return () => next++;
}

/** The types of nodes. */
export type NodeType =
  | "App"
  | "Blob"
  | "Commit"
  | "IntegrationInstallation"
  | "IntegrationInstallationRequest"
  | "Label"
  | "License"
  | "Organization"
  | "PullRequest"
  | "Ref"
  | "Repository"
  | "Tree"
  | "User";

/** Returns a GraphQL node ID in GitHub's older format: base64 of length, type and key (`010:Repository42`). */
export function nodeId(type: NodeType, key: string | number): string {
  return Buffer.from(`0${type.length}:${type}${key}`).toString("base64");
}

/** Parses a node ID. Returns `undefined` when it is invalid. */
export function parseNodeId(id: string): { type: string; key: string } | undefined {
  const match = /^0(\d+):(.*)$/s.exec(Buffer.from(id, "base64").toString());
  if (match === null) return undefined;
  const [, length = "0", rest = ""] = match;
  return { type: rest.slice(0, Number(length)), key: rest.slice(Number(length)) };
}

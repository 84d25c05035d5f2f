import type { ContractSubject } from "@infrajet/github-testing/contract";

/** The writes of a GitHub account that wait. */
export interface HeldWrites {
  /** Resolves when a write has arrived. */
  readonly arrived: Promise<void>;
  /** Lets the writes pass, also later ones. */
  release(): void;
}

const WRITE = /createCommitOnBranch|updateRefs|createRef/;

/** Holds the writes of a GitHub account, so that its next sync does not end before they are released. */
export function holdWrites({ box }: ContractSubject, login: string): HeldWrites {
  let release = (): void => undefined;
  let arrive = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const undo = box.control.beforeRequest(async (request) => {
    if (request.login !== login || request.method === "GET") return;
    if (request.path.endsWith("/graphql") && !WRITE.test(request.operation ?? "")) return;
    arrive();
    await released;
  });
  return {
    arrived,
    release() {
      undo();
      release();
    },
  };
}

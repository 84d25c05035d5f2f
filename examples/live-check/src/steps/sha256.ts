import type { Step } from "../step.js";

/** Asks for the hash algorithm of a repository, and for a repository with SHA-256. */
export const sha256: Step = {
  number: 14,
  title: "SHA-256 repositories",
  run: async (target) => {
    const { status } = await target.rest("hash algorithm", "GET", `${target.at}/hash-algorithm`);
    target.settle("Repositories tell their hash algorithm", status === 200 ? "yes" : `no (status ${status})`);
  },
};

import type { Step } from "../step.js";

const COUNT = 100;

/** Creates blobs as fast as GitHub lets it, and stops at the first refusal. */
export const limits: Step = {
  number: 10,
  title: "limit of requests that create content",
  skip: (_service, { limits: isAsked }) => (isAsked ? null : "runs with --limits"),
  run: async (target) => {
    for (let index = 1; index <= COUNT; index += 1) {
      const body = { content: `blob ${index}`, encoding: "utf-8" };
      const { status, headers } = await target.rest(`blob ${index}`, "POST", `${target.at}/git/blobs`, body);
      if (status < 400) continue;
      target.settle("Blobs in a minute", `refused at ${index}, Retry-After ${headers.get("retry-after") ?? "none"}`);
      return;
    }
    target.settle("Blobs in a minute", `${COUNT} accepted: they do not count in 80 a minute`);
  },
};

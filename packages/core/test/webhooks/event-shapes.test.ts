import { emitterEventNames } from "@octokit/webhooks";
import { describe, expect, it } from "vitest";
import { fitsEvent, isKnownEvent } from "../../src/webhooks/event-shapes.js";
import { EXAMPLES } from "./example-payloads.js";

const names = [...new Set(emitterEventNames.map((name) => name.replace(/\..*/, "")))].filter(isKnownEvent);
const payloads = EXAMPLES.flatMap(({ name, payload }) => (isKnownEvent(name) ? [{ name, payload }] : []));

describe("fitsEvent", () => {
  it("knows every event of GitHub", () => {
    expect(names).toHaveLength(75);
    expect(payloads).toHaveLength(329);
  });

  it("accepts every example with its own event", () => {
    const refused = payloads.filter(({ name, payload }) => !fitsEvent(name, payload));
    expect(refused.map(({ name, payload }) => [name, Object.keys(payload)])).toEqual([]);
  });

  it("rejects every example with the name of another event", () => {
    const confused = payloads.flatMap(({ name, payload }) =>
      names.filter((other) => other !== name && fitsEvent(other, payload)).map((other) => `${name} as ${other}`),
    );
    expect([...new Set(confused)]).toEqual([]);
  });

  it("ignores unknown keys", () => {
    const refused = payloads.filter(({ name, payload }) => !fitsEvent(name, { ...payload, new_at_github: {} }));
    expect(refused).toEqual([]);
  });
});

import { emitterEventNames } from "@octokit/webhooks";
import { describe, expect, it } from "vitest";
import { fitsEvent, isKnownEvent } from "../../src/webhooks/event-shapes.js";
import { EXAMPLES } from "./example-payloads.js";

const names = [...new Set(emitterEventNames.map((name) => name.replace(/\..*/, "")))].filter(isKnownEvent);
const payloads = EXAMPLES.flatMap(({ name, payload }) => (isKnownEvent(name) ? [{ name, payload }] : []));

describe("the shapes of events", () => {
  it("know every event that there is", () => {
    expect(names).toHaveLength(75);
    expect(payloads).toHaveLength(329);
  });

  it("take every example under its own event", () => {
    const refused = payloads.filter(({ name, payload }) => !fitsEvent(name, payload));
    expect(refused.map(({ name, payload }) => [name, Object.keys(payload)])).toEqual([]);
  });

  it("take no example under the name of another event", () => {
    const confused = payloads.flatMap(({ name, payload }) =>
      names.filter((other) => other !== name && fitsEvent(other, payload)).map((other) => `${name} as ${other}`),
    );
    expect([...new Set(confused)]).toEqual([]);
  });

  it("are not disturbed by keys that nobody knows yet", () => {
    const refused = payloads.filter(({ name, payload }) => !fitsEvent(name, { ...payload, new_at_github: {} }));
    expect(refused).toEqual([]);
  });
});

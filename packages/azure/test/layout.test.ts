import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { newestGeneration, segmentsOf } from "../src/layout.js";

const PROJECT = { userId: "7", projectId: "infra" };

describe("segmentsOf", () => {
  it("returns the user id and the project id for the built-in layouts", async () => {
    expect(await segmentsOf(PROJECT, "project")).toEqual(["7", "infra"]);
    expect(await segmentsOf(PROJECT, "latest-generation")).toEqual(["7", "infra"]);
  });

  it("returns the names from an asynchronous layout function", async () => {
    const layout = async ({ userId, projectId }: typeof PROJECT): Promise<string[]> => [
      "tenants",
      userId,
      projectId,
      "v3",
    ];
    expect(await segmentsOf(PROJECT, layout)).toEqual(["tenants", "7", "infra", "v3"]);
  });

  it("rejects a layout function that returns no names", async () => {
    await expect(segmentsOf(PROJECT, () => [])).rejects.toMatchObject({ code: "invalid_options" });
  });
});

describe("newestGeneration", () => {
  const made = (name: string, second: number) => ({ name, createdAt: new Date(second * 1_000) });

  it("returns null without generations", () => {
    expect(newestGeneration([], "name")).toBeNull();
  });

  it("returns the last name in text order", () => {
    const names = ["2026-01-31T10", "2026-02-01T09", "2025-12-31T23"];
    expect(
      newestGeneration(
        names.map((name) => made(name, 0)),
        "name",
      )?.name,
    ).toBe("2026-02-01T09");
  });

  it("returns the greatest number when all names are numbers", () => {
    const names = ["9", "10", "00000000000000000000000000000000000000000007"];
    expect(
      newestGeneration(
        names.map((name) => made(name, 0)),
        "name",
      )?.name,
    ).toBe("10");
    expect(
      newestGeneration(
        ["9", "10", "x"].map((name) => made(name, 0)),
        "name",
      )?.name,
    ).toBe("x");
  });

  it("returns the generation with the latest creation time, and compares names when times are equal or missing", () => {
    expect(newestGeneration([made("a", 2), made("c", 1), made("b", 2)], "time")?.name).toBe("b");
    expect(newestGeneration([{ name: "a", createdAt: undefined }, made("b", 1)], "time")?.name).toBe("b");
  });

  it("does not depend on the order of the listing", () => {
    const generations = fc.uniqueArray(
      fc.record({
        name: fc.oneof(fc.nat().map(String), fc.string({ minLength: 1 })),
        createdAt: fc.oneof(fc.date({ noInvalidDate: true }), fc.constant(undefined)),
      }),
      { selector: ({ name }) => name, minLength: 1 },
    );
    fc.assert(
      fc.property(generations, fc.constantFrom("name" as const, "time" as const), fc.nat(), (all, order, turn) => {
        const at = turn % all.length;
        const turned = [...all.slice(at), ...all.slice(0, at)].reverse();
        expect(newestGeneration(turned, order)).toEqual(newestGeneration(all, order));
      }),
    );
  });
});

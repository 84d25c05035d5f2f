import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anonymizer } from "../src/anonymize.js";
import { compareExchanges } from "../src/compare-exchanges.js";
import type { Exchange, Json } from "../src/exchange.js";
import { shapeDifferences } from "../src/shape.js";

function exchange(body: Json, status = 200, headers: Record<string, string> = {}): Exchange {
  return {
    step: 1,
    label: "read",
    request: { method: "GET", path: "/user", headers: {}, body: null },
    response: { status, headers, body },
  };
}

describe("shapeDifferences", () => {
  const cases: [name: string, reference: Json, box: Json, expected: string[]][] = [
    ["other values of the same types", { id: 1, tags: ["a"] }, { id: 2, tags: ["b", "c"] }, []],
    ["null in place of any type", { name: null }, { name: "x" }, []],
    ["a missing member", { owner: { id: 1, url: "u" } }, { owner: { id: 1 } }, ["owner.url is missing in the box"]],
    ["a member that only the box has", { a: 1 }, { a: 1, b: 2 }, ["b exists only in the box"]],
    ["another type", { id: 1 }, { id: "1" }, ["id is a number, in the box a string"]],
    ["a list for an object", [{}], {}, ["the body is a list, in the box an object"]],
    ["members of any element of a list", [{ a: null }, { a: 1, b: 1 }], [{ a: 2 }], ["[].b is missing in the box"]],
  ];
  it.each(cases)("compares %s", (_name, reference, box, expected) => {
    expect(shapeDifferences(reference, box)).toEqual(expected);
  });

  it("finds no difference between a value and itself", () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => shapeDifferences(value as Json, value as Json).length === 0));
  });
});

describe("compareExchanges", () => {
  it("compares status, words and headers", () => {
    const expected = exchange({ message: "Not Found", status: "404" }, 404, { link: "<x>" });
    const actual = exchange({ message: "Missing", status: "404" }, 422);
    expect(compareExchanges([expected], [actual])).toEqual([
      "read: status 404, in the box 422",
      'read: says message "Not Found", status "404", in the box message "Missing", status "404"',
      "read: the header link is missing in the box",
    ]);
  });

  it("ignores object IDs in messages", () => {
    const message = (oid: string) => exchange({ message: `expected ${oid.repeat(40)}` }, 409);
    expect(compareExchanges([message("a")], [message("b")])).toEqual([]);
  });

  it("names requests that only one side received", () => {
    expect(compareExchanges([exchange(null)], [])).toEqual(["read: not sent to the box"]);
    expect(compareExchanges([], [exchange(null)])).toEqual(["read: sent only to the box"]);
  });
});

describe("anonymizer", () => {
  const anonymize = anonymizer({ secrets: ["s3cret-value"], names: new Map([["ada-lovelace", "<login>"]]) });

  it("removes secrets, names, tokens, email addresses and the IDs of accounts", () => {
    const token = `ghp_${"a1B2".repeat(9)}`;
    const body = {
      login: "ada-lovelace",
      name: "Ada",
      id: 42,
      node_id: "U_1",
      url: "https://api.github.com/users/ada-lovelace",
      note: `s3cret-value ${token} ada@lovelace.org`,
      pem: "PEM",
    };
    expect(anonymize(body)).toEqual({
      login: "<login>",
      name: "<personal>",
      id: 1,
      node_id: "<node_id>",
      url: "https://api.github.com/users/<login>",
      note: "<secret> <secret> <email>",
      pem: "<secret>",
    });
  });

  it("leaves no known private text in any JSON", () => {
    const texts = fc.constantFrom("s3cret-value", "ada-lovelace", "other");
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 3 }, texts, fc.integer(), fc.array(tie("value")), fc.dictionary(texts, tie("value"))),
    }));
    fc.assert(
      fc.property(value, (json) => {
        expect(JSON.stringify(anonymize(json as Json))).not.toMatch(/s3cret-value|ada-lovelace/);
      }),
    );
  });
});

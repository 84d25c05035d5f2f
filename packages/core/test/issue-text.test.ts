import { describe, expect, it } from "vitest";
import { z } from "zod";
import { fieldErrors, issueText, type SchemaIssue } from "../src/issue-text.js";

function issuesOf(schema: z.ZodType, value: unknown): readonly SchemaIssue[] {
  return schema.safeParse(value).error?.issues ?? [];
}

describe("issueText", () => {
  const schema = z.object({
    name: z.string("must be text."),
    inner: z.object({ size: z.int("must be a whole number") }),
  });

  it("names each field by its whole path", () => {
    expect(issueText(issuesOf(schema, { name: 1, inner: { size: "x" } }), "options")).toBe(
      "name: must be text; inner.size: must be a whole number",
    );
  });

  it("names the value itself for an issue that is about no field of it", () => {
    expect(
      issueText(
        issuesOf(
          schema.refine(() => false, "give one of them"),
          { name: "", inner: { size: 1 } },
        ),
        "options",
      ),
    ).toBe("options: give one of them");
  });

  it("lists 20 issues and counts the others", () => {
    const issues = issuesOf(
      z.array(z.string("must be text")),
      Array.from({ length: 1_000 }, () => 1),
    );
    const text = issueText(issues, "list");
    expect(text.split("; ")).toHaveLength(21);
    expect(text).toMatch(/19: must be text; and 980 more$/);
    expect(fieldErrors(issues)).toHaveLength(20);
  });
});

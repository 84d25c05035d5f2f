import { describe, expect, it } from "vitest";
import type { ErrorCode } from "../../src/errors.js";
import {
  errorFromGraphql,
  errorFromResponse,
  type RequestFacts,
  undefinedFieldsOf,
} from "../../src/github/error-mapping.js";
import type { ResponseHeaders } from "../../src/github/github-client.js";
import { graphqlErrorsOf } from "../../src/github/upstream-text.js";
import { leastCpuTime } from "../cpu-time.js";

const read: RequestFacts = { method: "GET", route: "/repos/{owner}/{repo}", touchesWorkflows: false };
const write: RequestFacts = { ...read, method: "POST" };
const workflowWrite: RequestFacts = { ...write, touchesWorkflows: true };
const answer = (status: number, message: string | object = "", headers: ResponseHeaders = {}) => ({
  status,
  headers,
  data: typeof message === "string" ? { message } : message,
});

describe("errorFromResponse", () => {
  it.each<[ErrorCode, number, string | object, RequestFacts]>([
    ["reauth_required", 401, "Bad credentials", read],
    ["insufficient_permissions", 403, "Resource not accessible by integration", write],
    ["workflow_permission_missing", 403, "Resource not accessible by integration", workflowWrite],
    ["repository_archived", 403, "Repository was archived so is read-only.", write],
    ["repository_not_found", 404, "Not Found", read],
    ["repository_not_found", 404, "Not Found", write],
    ["workflow_permission_missing", 404, "Not Found", workflowWrite],
    ["repository_not_found", 404, "Not Found", { ...workflowWrite, method: "GET" }],
    ["github_rejected", 404, "Not Found", { ...read, route: "/user/installations" }],
    ["repository_empty", 409, "Git Repository is empty.", write],
    ["secret_detected", 409, { message: "x", metadata: { secret_scanning: { bypass_placeholders: [] } } }, write],
    ["secret_detected", 409, "Repository rule violations found\n\nSecret detected in content", write],
    [
      "branch_protected",
      409,
      "Repository rule violations found\n\nChanges must be made through a pull request.",
      write,
    ],
    ["branch_protected", 422, "Repository rule violations found\n\nCannot update this protected ref.", write],
    ["branch_protected", 403, "Protected branch update failed for refs/heads/main.", write],
    ["signature_required", 422, "Repository rule violations found\n\nCommits must have verified signatures.", write],
    ["branch_moved", 409, "a.txt is at 1234 but expected 5678", write],
    ["branch_moved", 409, "Conflict", write],
    ["branch_moved", 422, "Update is not a fast forward", write],
    ["branch_moved", 422, "Reference already exists", write],
    ["branch_moved", 422, "Reference does not exist", write],
    ["branch_moved", 422, `Invalid request.\n\n"sha" wasn't supplied.`, write],
    ["input_too_large", 413, "", write],
    [
      "input_too_large",
      422,
      "Sorry, your request timed out. It's likely that your input was too large to process.",
      write,
    ],
    [
      "input_too_large",
      422,
      "Sorry, your input was too large to process. Consider creating the blob in a local clone",
      write,
    ],
    ["tree_mismatch", 422, "GitRPC::BadObjectState", write],
    ["tree_mismatch", 422, "base_tree is not a valid tree oid", write],
    ["invalid_path", 422, { message: "Invalid", errors: ["tree.path contains a malformed path component"] }, write],
    [
      "github_rejected",
      422,
      { message: "Validation Failed", errors: [{ message: "No commits between a and b" }] },
      write,
    ],
    ["github_rejected", 400, "Problems parsing JSON", write],
    ["github_rejected", 422, "docs/archived/merge queue timed out.md is not wanted here", write],
    ["branch_protected", 200, "remote: docs/archived.md is not wanted here.\npre-receive hook declined", write],
    ["branch_protected", 422, "Changes must be made through the merge queue", write],
    ["github_unavailable", 500, "", read],
    ["github_unavailable", 502, "<html>", write],
    ["github_unavailable", 504, "your request timed out", write],
  ])("maps to %s a response with status %i and body %j", (code, status, body, facts) => {
    const error = errorFromResponse(answer(status, body), facts);
    expect(error).toMatchObject({ code, details: { githubStatus: status } });
    expect(error.message.length).toBeGreaterThan(20);
  });

  it("maps a response with a very long text in linear time", async () => {
    const text = "refusing to allow is at exceeds ".repeat(20_000);
    const map = (): void => expect(errorFromResponse(answer(422, text), write).code).toBe("github_rejected");
    expect(await leastCpuTime(1_000, map)).toBeLessThan(1_000);
  });

  it("distinguishes a missing workflow permission by the permissions that GitHub names", () => {
    const headers = { "x-accepted-github-permissions": "contents=write" };
    expect(
      errorFromResponse(answer(403, "Resource not accessible by integration", headers), workflowWrite),
    ).toMatchObject({
      code: "insufficient_permissions",
      details: { acceptedPermissions: "contents=write" },
    });
    const both = { "x-accepted-github-permissions": "contents=write,workflows=write" };
    expect(errorFromResponse(answer(403, "Resource not accessible", both), workflowWrite).code).toBe(
      "workflow_permission_missing",
    );
  });

  it.each([
    [403, "Resource protected by organization SAML"],
    [404, "Not Found"],
  ])("reports required single sign-on with its address for a response with status %i", (status, message) => {
    const sso = "required; url=https://github.com/orgs/octo/sso?authorization_request=AA";
    expect(errorFromResponse(answer(status, message, { "x-github-sso": sso }), read)).toMatchObject({
      code: "insufficient_permissions",
      message: expect.stringContaining("single sign-on"),
      details: { sso, ssoUrl: "https://github.com/orgs/octo/sso?authorization_request=AA" },
    });
  });

  it("names the scope that an OAuth token does not have", () => {
    const granted = { "x-oauth-scopes": "read:user, gist" };
    const missing = errorFromResponse(answer(404, "Not Found", granted), read);
    expect(missing).toMatchObject({ code: "repository_not_found", details: { missingScopes: ["repo"] } });
    expect(missing.message).toContain("does not have the scope `repo`");
    const accepted = { ...granted, "x-accepted-oauth-scopes": "admin:org, write:org" };
    const forbidden = errorFromResponse(answer(403, "Forbidden", accepted), read);
    expect(forbidden).toMatchObject({ details: { missingScopes: ["admin:org", "write:org"] } });
    const workflow = errorFromResponse(answer(404, "Not Found", { "x-oauth-scopes": "repo" }), workflowWrite);
    expect(workflow).toMatchObject({ code: "workflow_permission_missing", details: { missingScopes: ["workflow"] } });
    for (const scopes of ["repo, gist", ""]) {
      const other = errorFromResponse(answer(404, "Not Found", { "x-oauth-scopes": scopes }), read);
      expect(other.details).not.toHaveProperty("missingScopes");
    }
    expect(errorFromResponse(answer(404, "Not Found"), read).details).not.toHaveProperty("missingScopes");
  });

  it("accepts a body of any kind", () => {
    for (const data of [null, "", "text", 5, [], { message: 5, errors: "x", metadata: null }, new ArrayBuffer(3)])
      expect(errorFromResponse({ status: 422, headers: {}, data }, write).code).toBe("github_rejected");
  });
});

describe("errorFromResponse for push rulesets", () => {
  it.each([
    ["file_path_restriction", "Repository rule violations found\n\nFile path is restricted\n  secret/keys.txt"],
    ["file_extension_restriction", "GH013: Repository rule violations found. File extension is restricted: a.exe"],
    ["max_file_path_length", "Repository rule violations found\n\nFile path is too long"],
    ["max_file_size", "Repository rule violations found\n\nFile size is too large"],
  ])("names the rule %s and does not advise a pull request", (rule, text) => {
    const error = errorFromResponse(answer(422, text), write);
    expect(error).toMatchObject({ code: "branch_protected", details: { rule } });
    expect(error.message).not.toMatch(/pull request/i);
  });
});

describe("errorFromGraphql", () => {
  it.each<[ErrorCode, object, RequestFacts]>([
    [
      "branch_moved",
      { type: "STALE_DATA", message: 'Expected branch to point to "a" but it did not.  Pull and try again.' },
      write,
    ],
    ["branch_moved", { type: "STALE_HEAD_OID", message: "" }, write],
    ["insufficient_permissions", { type: "FORBIDDEN", message: "Resource not accessible by integration" }, write],
    ["workflow_permission_missing", { type: "FORBIDDEN", message: "Resource not accessible" }, workflowWrite],
    ["insufficient_permissions", { type: "INSUFFICIENT_SCOPES", message: "" }, write],
    [
      "repository_not_found",
      { type: "NOT_FOUND", message: "Could not resolve to a Repository with the name 'o/r'." },
      read,
    ],
    [
      "tree_mismatch",
      { type: "UNPROCESSABLE", message: "A path was requested for deletion which does not exist" },
      write,
    ],
    [
      "secret_detected",
      { type: "UNPROCESSABLE", message: "Repository rule violations found\n\nSecret detected in content." },
      write,
    ],
    ["branch_protected", { type: "UNPROCESSABLE", message: "Repository rule violations found" }, write],
    ["github_rejected", { type: "UNPROCESSABLE", message: "something else" }, write],
    [
      "github_timeout",
      { message: "Something went wrong while executing your query. This may be the result of a timeout" },
      write,
    ],
    [
      "github_rejected",
      { message: "Field 'x' doesn't exist on type 'Mutation'", extensions: { code: "undefinedField" } },
      write,
    ],
  ])("maps to %s the error %j", (code, error, facts) => {
    const body = { data: null, errors: [error] };
    const mapped = errorFromGraphql(graphqlErrorsOf(body), { status: 200, headers: {}, data: body }, facts);
    expect(mapped.code).toBe(code);
  });

  it.each([
    ["saml_failure", { type: "FORBIDDEN", message: "no", extensions: { saml_failure: true } }, {}],
    ["a message", { type: "FORBIDDEN", message: "Resource protected by organization SAML enforcement." }, {}],
    [
      "a header",
      { type: "FORBIDDEN", message: "no" },
      { "x-github-sso": "required; url=https://github.com/orgs/o/sso" },
    ],
  ])("reports required single sign-on that GitHub signals by %s", (_, error, headers) => {
    const mapped = errorFromGraphql(
      graphqlErrorsOf({ errors: [error] }),
      { status: 200, headers, data: {} },
      workflowWrite,
    );
    expect(mapped).toMatchObject({
      code: "insufficient_permissions",
      message: expect.stringContaining("single sign-on"),
      details: "x-github-sso" in headers ? { ssoUrl: "https://github.com/orgs/o/sso" } : {},
    });
  });

  it("lists the fields that the server does not have", () => {
    const errors = graphqlErrorsOf({
      errors: [
        { message: "", extensions: { code: "undefinedField", fieldName: "rules" } },
        { message: "Field 'x' doesn't exist on type 'Mutation'" },
        { message: "other" },
      ],
    });
    expect(undefinedFieldsOf(errorFromGraphql(errors, answer(200), write))).toEqual(["rules", "x"]);
  });

  it("lists the types of the errors", () => {
    const errors = graphqlErrorsOf({
      errors: [{ message: "a", extensions: { code: "undefinedField" } }, { type: "X" }, {}],
    });
    expect(errorFromGraphql(errors, answer(200), write).details.graphqlTypes).toEqual(["undefinedField", "X", ""]);
  });
});

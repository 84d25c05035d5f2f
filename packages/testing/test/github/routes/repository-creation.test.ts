import { afterAll, describe, expect, it } from "vitest";
import { createGitHubBox } from "../../../src/index.js";
import { apiClient } from "../api-client.js";

const box = await createGitHubBox();
afterAll(() => box.close());
box.addOrganization({ login: "acme", admins: ["octocat"] });
box.addOrganization({ login: "big", admins: ["octocat"], inEnterprise: true });
const api = apiClient(box, box.addToken({ login: "octocat" }));
const stranger = apiClient(box, box.addToken({ login: "stranger" }));
const paths = async (owner: string, name: string) =>
  [...((await box.repository(owner, name)?.files()) ?? [])].map(([path]) => path);

describe("POST /orgs/{org}/repos", () => {
  it("creates the first commit from the templates, and names the license", async () => {
    const body = { name: "started", gitignore_template: "Terraform", license_template: "mit", auto_init: true };
    const { status, body: created } = await api("POST", "/orgs/acme/repos", body);
    expect(status).toBe(201);
    expect(created).toMatchObject({ visibility: "public", license: { key: "mit", spdx_id: "MIT" } });
    expect(await paths("acme", "started")).toEqual([".gitignore", "LICENSE", "README.md"]);
  });

  it.each([
    ["gitignore_template", "terraform", "gitignore_template is an unknown gitignore template."],
    ["license_template", "MIT", "license_template is an unknown license template."],
  ])("rejects an unknown %s", async (field, value, message) => {
    const { status, body } = await api("POST", "/orgs/acme/repos", { name: "unknown", [field]: value });
    expect([status, body]).toMatchObject([
      422,
      { message: "Repository creation failed.", errors: [{ resource: "Repository", code: "custom", field, message }] },
    ]);
    expect(box.repository("acme", "unknown")).toBeUndefined();
  });

  it("creates an internal repository only in an organization of an enterprise", async () => {
    const body = { name: "inside", visibility: "internal" };
    expect((await api("POST", "/orgs/acme/repos", body)).status).toBe(422);
    const { body: created } = await api("POST", "/orgs/big/repos", body);
    expect(created).toMatchObject({ private: true, visibility: "internal" });
  });
});

describe("POST /repos/{template_owner}/{template_repo}/generate", () => {
  it("copies the default branch of a template into one commit", async () => {
    const template = await box.createRepository({ owner: "acme", name: "base", isTemplate: true, autoInit: true });
    await template.commit({ files: { "modules/a/main.tf": "a\n" } });
    const { status, body } = await api("POST", "/repos/acme/base/generate", {
      owner: "acme",
      name: "copy",
      private: true,
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      full_name: "acme/copy",
      private: true,
      template_repository: { full_name: "acme/base", is_template: true },
    });
    expect(await paths("acme", "copy")).toEqual(["README.md", "modules/a/main.tf"]);
    expect(await box.repository("acme", "copy")?.log()).toHaveLength(1);
    await box.repository("acme", "copy")?.fsck();
  });

  it("rejects a repository that is not a template, and a name that is taken", async () => {
    await box.createRepository({ owner: "acme", name: "plain" });
    const plain = await api("POST", "/repos/acme/plain/generate", { name: "copy-2" });
    expect([plain.status, plain.body]).toMatchObject([
      422,
      { message: "Could not clone: acme/plain is not a template repository." },
    ]);
    await box.createRepository({ owner: "acme", name: "base-2", isTemplate: true });
    const taken = await api("POST", "/repos/acme/base-2/generate", { owner: "acme", name: "plain" });
    expect([taken.status, taken.body]).toMatchObject([
      422,
      { message: "Could not clone: Name already exists on this account" },
    ]);
  });

  it("hides a private template from a user who cannot see it", async () => {
    await box.createRepository({ owner: "acme", name: "secret", isTemplate: true, private: true });
    expect((await stranger("POST", "/repos/acme/secret/generate", { name: "mine" })).status).toBe(404);
  });
});

describe("PUT /repos/{owner}/{repo}/topics", () => {
  it("replaces the topics and lists them in the repository", async () => {
    await box.createRepository({ owner: "acme", name: "topical" });
    const { body } = await api("PUT", "/repos/acme/topical/topics", { names: ["Terraform", "azure"] });
    expect(body).toEqual({ names: ["terraform", "azure"] });
    expect((await api("GET", "/repos/acme/topical")).body).toMatchObject({ topics: ["terraform", "azure"] });
    expect((await stranger("PUT", "/repos/acme/topical/topics", { names: [] })).status).toBe(403);
  });

  it("rejects more than 20 topics and invalid ones", async () => {
    await box.createRepository({ owner: "acme", name: "limited" });
    for (const names of [Array.from({ length: 21 }, (_, index) => `t${index}`), ["a b"], ["-a"], ["x".repeat(51)]]) {
      expect((await api("PUT", "/repos/acme/limited/topics", { names })).status).toBe(422);
    }
  });
});

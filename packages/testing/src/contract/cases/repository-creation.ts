import assert from "node:assert/strict";
import { appRepositorySchema } from "../app-responses.js";
import { contractCase } from "../contract-case.js";

/** The options of `POST /repositories`. */
export const repositoryCreationCases = [
  contractCase("POST /repositories with `if_exists: use` returns the existing repository", async (scene) => {
    const { owner, account, installation } = await scene.installation();
    const body = { installation_id: installation.id, name: scene.name("made"), if_exists: "use" };
    const made = (await owner.post("/repositories", body)).ok(appRepositorySchema);
    const again = (await owner.post("/repositories", { ...body, description: "Other" })).ok(appRepositorySchema);
    assert.deepEqual(again, made);
    assert.equal(scene.box.repository(account, made.name)?.id, made.id);
    (await owner.post("/repositories", { ...body, if_exists: "fail" })).fails(422, "repository_exists");
    (await owner.post("/repositories", { ...body, if_exists: null })).fails(422, "repository_exists");
  }),

  contractCase(
    "POST /repositories with `if_exists: use` rejects a repository that the installation cannot access",
    async (scene) => {
      const { owner, account, installation, repository } = await scene.installation();
      const open = await scene.repository(account, {}, { private: false });
      installation.removeRepositories([open.name]);
      const body = { installation_id: installation.id, if_exists: "use" };
      const { detail } = (await owner.post("/repositories", { ...body, name: open.name })).fails(
        422,
        "repository_exists",
      );
      assert.match(detail, /installation/);
      const reached = (await owner.post("/repositories", { ...body, name: repository.name })).ok(appRepositorySchema);
      assert.equal(reached.id, repository.id);
    },
  ),

  contractCase("POST /repositories sets the visibility, topics and first commit", async (scene) => {
    const { owner, account, installation } = await scene.installation();
    const name = scene.name("made");
    const made = (
      await owner.post("/repositories", {
        installation_id: installation.id,
        name,
        visibility: "public",
        topics: ["Terraform", "azure"],
        auto_init: true,
        gitignore_template: "Terraform",
        license_template: "mit",
      })
    ).ok(appRepositorySchema);
    assert.equal(made.private, false);
    const repository = scene.box.repository(account, name);
    assert.deepEqual(repository?.topics, ["terraform", "azure"]);
    assert.deepEqual([...((await repository?.files()) ?? new Map()).keys()], [".gitignore", "LICENSE", "README.md"]);
  }),

  contractCase("POST /repositories copies a template", async (scene) => {
    const { owner, account, installation, repository } = await scene.installation();
    await repository.commit({ files: { "main.tf": "# main\n" } });
    const body = { installation_id: installation.id, template: repository.fullName };
    const name = scene.name("made");
    (await owner.post("/repositories", { ...body, name })).refuses("template");
    repository.isTemplate = true;
    const made = (await owner.post("/repositories", { ...body, name })).ok(appRepositorySchema);
    assert.deepEqual([made.full_name, made.private], [`${account}/${name}`, true]);
    const files = await scene.box.repository(account, name)?.files();
    assert.deepEqual([...(files ?? new Map()).keys()], ["README.md", "main.tf"]);
    (await owner.post("/repositories", { ...body, name })).fails(422, "repository_exists");
    const absent = { ...body, name: scene.name("made"), template: `${account}/nothing-here` };
    (await owner.post("/repositories", absent)).fails(404, "repository_not_found");
  }),

  contractCase("POST /repositories returns 422 with the field for invalid options", async (scene) => {
    const { owner, installation } = await scene.installation();
    const body = { installation_id: installation.id, name: scene.name("made") };
    const refused: readonly (readonly [field: string, options: object])[] = [
      ["if_exists", { if_exists: "replace" }],
      ["visibility", { visibility: "secret" }],
      ["private", { private: true, visibility: "public" }],
      ["private", { private: false, visibility: "internal" }],
      ["topics", { topics: "terraform" }],
      ["topics", { topics: ["a b"] }],
      ["topics", { topics: ["x".repeat(51)] }],
      ["topics", { topics: Array.from({ length: 21 }, (_, index) => `t${index}`) }],
      ["template", { template: "no-owner" }],
      ["auto_init", { auto_init: "yes" }],
      ["auto_init", { template: "a/b", auto_init: true }],
      ["gitignore_template", { template: "a/b", gitignore_template: "Go" }],
      ["license_template", { template: "a/b", license_template: "mit" }],
      ["visibility", { template: "a/b", visibility: "internal" }],
      ["gitignore_template", { gitignore_template: "../Go" }],
      ["gitignore_template", { gitignore_template: "Unknown" }],
      ["license_template", { license_template: "unknown" }],
      ["visibility", { visibility: "internal" }],
    ];
    for (const [field, options] of refused) {
      const { detail } = (await owner.post("/repositories", { ...body, ...options })).refuses(field);
      assert.doesNotMatch(detail, /autoInit|[a-z]Template\b/, "the text names the request's fields");
    }
    (await owner.post("/repositories", { ...body, private: true, visibility: "private" })).ok(appRepositorySchema);
  }),

  contractCase("POST /repositories rejects internal repositories in a personal account", async (scene) => {
    const user = await scene.connected("app");
    const { id: installation_id } = scene.box.install(scene.host.app, { account: user.login });
    const body = { installation_id, name: scene.name("made"), visibility: "internal" };
    (await user.post("/repositories", body)).refuses("visibility");
  }),
];

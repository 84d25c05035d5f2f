import assert from "node:assert/strict";
import { installationsSchema, installLinkSchema } from "../app-responses.js";
import { contractCase } from "../contract-case.js";
import { profileSchema } from "../responses.js";

/** Installations that a member of an organization requests from its owners. */
export const installationRequestCases = [
  contractCase(
    "GET /installations lists a requested installation as pending until an owner approves it",
    async (scene) => {
      const [owner, member] = [scene.name("owner"), await scene.connected("app")];
      const account = scene.name("org");
      scene.box.addOrganization({ login: account, admins: [owner], members: [member.login] });
      const state = scene.name("a-state-of-this-user");
      const { installation_url } = (await member.get(`/install?state=${state}`)).ok(installLinkSchema);
      const { code, setupAction } = await scene.box.installFrom(installation_url, { login: member.login, account });
      assert.equal(setupAction, "request");
      (await member.post("/auth/callback", { code, state, setup_action: setupAction })).ok(profileSchema);
      const [pending, ...others] = (await member.get("/installations")).ok(installationsSchema);
      assert.deepEqual(others, []);
      const { created_at, updated_at, ...rest } = pending ?? {};
      assert.deepEqual(rest, {
        ...{ id: 0, account_login: account, account_type: "Organization", permissions: {}, events: [] },
        ...{ suspended_at: null, pending: true, missing_permissions: [] },
      });
      assert.ok(created_at !== undefined && updated_at !== undefined);
      const { id } = scene.box.install(scene.host.app, { account, by: owner });
      const approved = (await member.get("/installations")).ok(installationsSchema);
      assert.deepEqual(
        approved.map((installation) => [installation.id, installation.pending]),
        [[id, false]],
      );
    },
  ),
];

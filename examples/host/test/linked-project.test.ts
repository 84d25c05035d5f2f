import { mkdir, readFile, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GivenFixture } from "./given-fixture.js";
import { FRAMEWORKS } from "./host-process.js";

const PROJECT = "projects/user-1/network";
const LINK = { repository_full_name: "ada/infrastructure" };
const LONG_AGO = new Date("2020-01-02T03:04:05.000Z");

let fixture: GivenFixture;
beforeEach(async () => {
  fixture = await GivenFixture.open();
});
afterEach(() => fixture.close());

describe("a host with a linked project", () => {
  it.each(FRAMEWORKS)(
    "writes an edit on GitHub to PROJECTS_DIR within 5 seconds of its webhook, %s",
    async (framework) => {
      const { box, folder } = fixture;
      box.addUser({ login: "ada" });
      const app = box.addApp({
        ...{ slug: "links", webhookSecret: "between the box and the host", events: ["push"] },
        permissions: { contents: "write" },
      });
      const env = { ...fixture.environmentOf(app), PROJECTS_DIR: "projects", DATABASE_URL: "file:host.db" };
      const repository = await box.createRepository({ owner: "ada", name: "infrastructure", autoInit: true });
      for (const path of ["main.tf", "modules/vpc.tf", "ignored.log"])
        await fixture.put(`${PROJECT}/${path}`, `${path}\n`);
      await fixture.put(`${PROJECT}/.gitignore`, "*.log\n");
      const host = fixture.start(framework, env);
      const client = await fixture.clientOf(host, "user-1");
      await fixture.connect(client, "ada");
      app.webhook.handler = async (request) => {
        const { headers } = request;
        return fetch(`${client.api}/webhook`, { method: "POST", headers, body: await request.arrayBuffer() });
      };
      box.install(app, { account: "ada" });
      await box.deliveriesSettled();
      await client.send("/sync/project", { project_id: "network", ...LINK, direction: "two_way" });
      expect(await client.put("/sync/link/network", LINK)).toMatchObject({ direction: "two_way", auto: true });
      await mkdir(join(folder, PROJECT, "empty"));
      const others = ["modules/vpc.tf", "ignored.log", ".gitignore", "README.md"].map((path) =>
        join(folder, PROJECT, path),
      );
      for (const path of others) await utimes(path, LONG_AGO, LONG_AGO);
      const before = await Promise.all(others.map(stateOf));

      const edited = join(folder, PROJECT, "main.tf");
      const added = join(folder, PROJECT, "new/run.sh");
      let arrived = 0;
      const ends = await client.watch("network", "github_sync_completed", async () => {
        await repository.commit({
          files: { "main.tf": "edited\n", "new/run.sh": { content: "#!/bin/sh\n", mode: "100755" } },
        });
        await box.deliveriesSettled();
        arrived = performance.now();
        await expect.poll(() => readFile(edited, "utf8"), { timeout: 5_000, interval: 20 }).toBe("edited\n");
      });
      expect(performance.now() - arrived).toBeLessThan(5_000);
      expect(ends.map(({ type }) => type)).toEqual(
        expect.arrayContaining(["github_repository_changed", "github_project_changed", "github_sync_completed"]),
      );
      expect(await readFile(added, "utf8")).toBe("#!/bin/sh\n");
      expect((await stat(added)).mode & 0o111).toBe(0o111);
      expect(await Promise.all(others.map(stateOf))).toEqual(before);
      expect((await stat(join(folder, PROJECT, "empty"))).isDirectory()).toBe(true);
      const { links } = await client.read("/sync/link/network");
      expect(links).toMatchObject([{ ...LINK, last_sync_id: ends.at(-1)?.data.sync_id }]);
      expect((await client.read("/sync/history/network")).total_syncs).toBe(2);
    },
  );
});

async function stateOf(
  path: string,
): Promise<readonly [content: string, mode: number, modified: number, inode: number]> {
  const { mode, mtimeMs, ino } = await stat(path);
  return [await readFile(path, "utf8"), mode, mtimeMs, ino];
}

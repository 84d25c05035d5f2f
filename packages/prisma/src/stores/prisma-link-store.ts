import {
  assertLinkOptionsSize,
  type BranchKey,
  type LinkLimit,
  type LinkPage,
  type LinkStore,
  type ProjectKey,
  type ProjectLink,
  type ProjectLinkChange,
  type ProjectLinkDraft,
  type ProjectLinkKey,
  parseTextCursor,
  textCursor,
  tooManyLinks,
} from "@infrajet/github/adapters";
import type { ProjectLinkRow } from "../client.js";
import { CONFLICT, type StoreDatabase } from "../store-database.js";
import type { Where } from "../table.js";
import { projectLinkKey, projectLinkOf, projectLinkRow } from "./project-link-row.js";
import { branchKey, projectKey } from "./sync-record-row.js";

/** A store of links in `github_project_links`. */
export class PrismaLinkStore implements LinkStore {
  readonly #database: StoreDatabase;

  constructor(database: StoreDatabase) {
    this.#database = database;
  }

  async put(link: ProjectLinkDraft, { maxLinks }: LinkLimit): Promise<ProjectLink> {
    assertLinkOptionsSize(link.options);
    const row = projectLinkRow(link);
    const { key, userKey, createdAt: _, lastSyncId: __, head: ___, ...data } = row;
    return this.#database.run(async ({ gitHubProjectLink }) => {
      const { count } = await gitHubProjectLink.updateMany({ where: { key }, data });
      if (count > 0) {
        const replaced = await gitHubProjectLink.findFirst({ where: { key } });
        return replaced === null ? CONFLICT : projectLinkOf(replaced);
      }
      if ((await gitHubProjectLink.count({ where: { userKey } })) >= maxLinks) throw tooManyLinks(maxLinks);
      return projectLinkOf(await gitHubProjectLink.create({ data: row }));
    });
  }

  async ofProject(apiUrl: string, project: ProjectKey): Promise<readonly ProjectLink[]> {
    const rows = await this.#database.run(async ({ gitHubProjectLink }) =>
      gitHubProjectLink.findMany({
        where: { projectKey: projectKey(project), apiUrl },
        orderBy: [{ createdAt: "asc" }, { key: "asc" }],
      }),
    );
    return this.#decode(rows);
  }

  ofBranch(branch: BranchKey, limit: number, cursor: string | null): Promise<LinkPage> {
    return this.#page({ branchKey: branchKey(branch) }, limit, cursor);
  }

  automatic(apiUrl: string, limit: number, cursor: string | null): Promise<LinkPage> {
    return this.#page({ apiUrl, auto: true }, limit, cursor);
  }

  update(link: ProjectLinkKey, { lastSyncId, head }: ProjectLinkChange): Promise<boolean> {
    const data = {
      ...(lastSyncId === undefined ? {} : { lastSyncId }),
      ...(head === undefined ? {} : { head }),
    };
    return this.#database.run(async ({ gitHubProjectLink }) => {
      const { count } = await gitHubProjectLink.updateMany({ where: { key: projectLinkKey(link) }, data });
      return count > 0;
    });
  }

  remove(link: ProjectLinkKey): Promise<boolean> {
    return this.#database.run(async ({ gitHubProjectLink }) => {
      const { count } = await gitHubProjectLink.deleteMany({ where: { key: projectLinkKey(link) } });
      return count > 0;
    });
  }

  renameRepository(apiUrl: string, repositoryId: number, fullName: string): Promise<number> {
    return this.#database.run(async ({ gitHubProjectLink }) => {
      const where = { repositoryId: BigInt(repositoryId), apiUrl };
      const { count } = await gitHubProjectLink.updateMany({ where, data: { repository: fullName } });
      return count;
    });
  }

  removeRepository(apiUrl: string, repositoryId: number): Promise<number> {
    return this.#database.run(async ({ gitHubProjectLink }) => {
      const where = { repositoryId: BigInt(repositoryId), apiUrl };
      const { count } = await gitHubProjectLink.deleteMany({ where });
      return count;
    });
  }

  /** The order is that of the keys, so that new links do not move others between pages. */
  async #page(where: Where<ProjectLinkRow>, limit: number, cursor: string | null): Promise<LinkPage> {
    const [after = ""] = cursor === null ? [] : parseTextCursor(cursor, 1);
    const rows = await this.#database.run(async ({ gitHubProjectLink }) =>
      gitHubProjectLink.findMany({
        where: { ...where, key: { gt: after } },
        orderBy: [{ key: "asc" }],
        take: limit + 1,
      }),
    );
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const hasMore = last !== undefined && rows.length > limit;
    return { links: this.#decode(page), nextCursor: hasMore ? textCursor([last.key]) : null };
  }

  #decode(rows: readonly ProjectLinkRow[]): readonly ProjectLink[] {
    return rows.flatMap((row) => this.#database.decodeOrSkip("link", row.key, () => projectLinkOf(row)) ?? []);
  }
}

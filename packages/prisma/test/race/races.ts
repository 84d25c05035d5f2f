import type { Lease, SyncRecordDraft } from "@infrajet/github/adapters";
import type { PrismaStores } from "../../src/prisma-stores.js";
import { SYNC_OPTIONS } from "../sync-options.js";

/** The message that starts a round in a process. */
export interface RaceStart {
  readonly race: RaceName;
  readonly prepared: string;
  readonly round: number;
  /** The process's part in the race. The processes alternate, because one of them may be faster. */
  readonly part: 0 | 1;
}

/** The message that ends a round: whether the process won, or an error message. */
export interface RaceResult {
  readonly round: number;
  readonly won: boolean | string;
}

interface Race {
  /** Creates the contested row and returns its name, which both processes receive. */
  prepare(stores: PrismaStores, round: number): Promise<string>;
  /** Resolves to `true` when this process won. */
  run(stores: PrismaStores, prepared: string, round: number, part: 0 | 1): Promise<boolean>;
}

const API_URL = "https://api.github.com";
const HOUR = 3_600_000;
const sealed = (text: string) => ({ keyId: "k", text });
const tokens = (text: string) => ({
  accessToken: sealed(text),
  accessTokenExpiresAt: null,
  refreshToken: sealed(text),
  refreshTokenExpiresAt: null,
  scopes: [],
});
const nothing = async (_: PrismaStores, round: number): Promise<string> => String(round);

/** Operations of which exactly one process must succeed. */
export const RACES = {
  "consume a state": {
    async prepare({ states }, round) {
      const state = { userId: "7", state: `s${round}`, client: "oauth", browser: null } as const;
      const expiresAt = new Date(Date.now() + HOUR);
      await states.put({ ...state, codeVerifier: null, redirectUri: null, payload: null, expiresAt });
      return state.state;
    },
    run: async ({ states }, state) => (await states.consume("7", state)) !== null,
  },
  "claim a delivery": {
    prepare: nothing,
    async run({ deliveries }, _prepared, round) {
      const draft = { id: `d${round}`, event: "push", digest: "0".repeat(64), receivedAt: new Date() };
      return (await deliveries.claim(draft, HOUR)).outcome === "claimed";
    },
  },
  "start a pending sync": {
    async prepare({ records }) {
      const target = { apiUrl: API_URL, repositoryId: 1, branch: "main", source: "project:7/x", directory: "" };
      const draft: SyncRecordDraft = {
        userId: "7",
        projectId: "x",
        target,
        repository: "a/b",
        options: SYNC_OPTIONS,
        createdAt: new Date(),
      };
      return String((await records.create(draft)).id);
    },
    async run({ records }, id, _round, part) {
      const step = { from: ["pending"], to: "in_progress", leaseToken: part + 1 } as const;
      return (await records.transition(Number(id), step, {})) !== null;
    },
  },
  "acquire a free lease": {
    prepare: nothing,
    run: async ({ locks }, _prepared, round) => (await locks.acquire(`free ${round}`, HOUR)) !== null,
  },
  "acquire a released lease": {
    async prepare({ locks }, round) {
      const lease = await locks.acquire(`again ${round}`, HOUR);
      if (lease !== null) await locks.release(lease);
      return `again ${round}`;
    },
    run: async ({ locks }, name) => (await locks.acquire(name, HOUR)) !== null,
  },
  "renew a lease or acquire it when it has expired": {
    prepare: async ({ locks }, round) => JSON.stringify(await locks.acquire(`ends ${round}`, 8)),
    async run({ locks }, prepared, _round, part) {
      const lease: Lease = JSON.parse(prepared);
      return (await (part === 0 ? locks.renew(lease, HOUR) : locks.acquire(lease.name, HOUR))) !== null;
    },
  },
  "release a lease": {
    prepare: async ({ locks }, round) => JSON.stringify(await locks.acquire(`back ${round}`, HOUR)),
    run: ({ locks }, prepared) => locks.release(JSON.parse(prepared)),
  },
  "save a refreshed token": {
    async prepare({ connections }, round) {
      const account = { apiUrl: API_URL, userId: `u${round}`, githubUserId: round + 1, login: "x" };
      const draft = {
        ...account,
        connectedAt: new Date(),
        client: "app",
        clientId: "Iv1.app",
        token: tokens("first"),
      } as const;
      const saved = await connections.save(draft);
      return saved.outcome === "saved" ? (saved.connection.tokens[0]?.version ?? "") : "";
    },
    async run({ connections }, version, round, part) {
      const key = { apiUrl: API_URL, userId: `u${round}` };
      return (await connections.replaceToken(key, version, tokens(`by ${part}`))) !== null;
    },
  },
} as const satisfies Record<string, Race>;

/** The name of a race. */
export type RaceName = keyof typeof RACES;

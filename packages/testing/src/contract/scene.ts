import { randomBytes } from "node:crypto";
import * as z from "zod";
import type { Installation } from "../github/apps/installation.js";
import type { FaultRule } from "../github/control/fault-rule.js";
import type { BoxRepository, FileChange } from "../github/repositories/repository.js";
import { Caller } from "./caller.js";
import type { ContractSubject } from "./contract-subject.js";
import { Person } from "./person.js";
import type { Reply } from "./reply.js";
import { authSchema, profileSchema } from "./responses.js";

/** The app that a user connects with. */
export type Client = "oauth" | "app";

/** The fixtures of one case on one host, with unique names. Faults and handlers are removed when the case ends. */
export class Scene {
  readonly #undo: (() => void)[] = [];

  constructor(readonly host: ContractSubject) {}

  get box(): ContractSubject["box"] {
    return this.host.box;
  }

  /** A client without a token. */
  get anonymous(): Caller {
    return new Caller(this.host.baseUrl, null);
  }

  /** Returns a unique name. */
  name(word: string): string {
    return `${word}-${randomBytes(4).toString("hex")}`;
  }

  /** Creates a user of the host with a GitHub account that is not connected. */
  async user(userId: string = this.name("user")): Promise<Person> {
    const login = this.name("octo");
    this.box.addUser({ login });
    return new Person(this.host, userId, login, `Bearer ${await this.host.tokenFor(userId)}`);
  }

  /** Creates a user with a connected GitHub account. */
  async connected(client: Client = "oauth", userId?: string): Promise<Person> {
    const person = await this.user(userId);
    await this.connect(person, client);
    return person;
  }

  /** Connects a GitHub account through the host's login. Defaults to the user's own account. */
  async connect(person: Person, client: Client = "oauth", login: string = person.login): Promise<void> {
    const answer = await person.get(`/auth/login?client=${client}`);
    const { code, state } = await this.box.authorize(answer.ok(authSchema).authorization_url, { login });
    (await person.post("/auth/callback", { code, state })).ok(profileSchema);
  }

  /** Creates a repository with files. */
  async repository(
    owner: string,
    files: Readonly<Record<string, FileChange>> = {},
    options: { readonly private?: boolean } = {},
  ): Promise<BoxRepository> {
    const name = this.name("repo");
    const repository = await this.box.createRepository({ owner, name, autoInit: true, private: true, ...options });
    if (Object.keys(files).length > 0) await repository.commit({ files });
    return repository;
  }

  /** Creates an organization with a repository and an installation of the App. Its owner is connected through the App. */
  async installation(): Promise<InstalledScene> {
    const owner = await this.connected("app");
    const account = this.name("org");
    this.box.addOrganization({ login: account, admins: [owner.login] });
    const repository = await this.repository(account);
    return { owner, account, repository, installation: this.box.install(this.host.app, { account }) };
  }

  /** Creates a user token of the App without the host. */
  async appUserToken(login: string): Promise<string> {
    const { clientId, clientSecret } = this.host.app;
    const origin = "https://github.com/login/oauth";
    const { code } = await this.box.authorize(`${origin}/authorize?client_id=${clientId}&state=x`, { login });
    const body = new URLSearchParams({ client_id: clientId, client_secret: clientSecret, code });
    const exchange = new Request(`${origin}/access_token`, {
      method: "POST",
      headers: { accept: "application/json" },
      body,
    });
    const answer = await this.box.fetch(exchange);
    return z.object({ access_token: z.string() }).parse(await answer.json()).access_token;
  }

  /** Adds a fault to the GitHub box until the case ends. */
  fault(rule: FaultRule): void {
    this.#undo.push(this.box.control.fault({ times: Number.POSITIVE_INFINITY, ...rule }));
  }

  /** Delivers the App's webhooks to the host and collects the responses. */
  receiveWebhooks(): readonly { readonly event: string; readonly reply: Reply }[] {
    const answers: { readonly event: string; readonly reply: Reply }[] = [];
    const { webhook } = this.host.app;
    webhook.handler = async (request) => {
      const headers = Object.fromEntries(request.headers);
      const body = new Uint8Array(await request.arrayBuffer());
      const reply = await this.anonymous.post("/webhook", body, headers);
      answers.push({ event: headers["x-github-event"] ?? "", reply });
      return new Response(null, { status: reply.status });
    };
    this.#undo.push(() => {
      webhook.handler = undefined;
    });
    return answers;
  }

  /** Delays the writes of a GitHub account until they are released. */
  holdWrites(login: string): { readonly held: Promise<void>; release(): void } {
    let release = (): void => undefined;
    let arrived = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const held = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const isWrite = /createCommitOnBranch|updateRefs|createRef/;
    this.#undo.push(
      this.box.control.beforeRequest(async (request) => {
        if (request.login !== login || request.method === "GET") return;
        if (request.path.endsWith("/graphql") && !isWrite.test(request.operation ?? "")) return;
        arrived();
        await released;
      }),
      release,
    );
    return { held, release };
  }

  /** Removes the case's faults and handlers. */
  end(): void {
    for (const undo of this.#undo.reverse()) undo();
  }
}

/** The result of {@link Scene.installation}. */
export interface InstalledScene {
  readonly owner: Person;
  readonly account: string;
  readonly repository: BoxRepository;
  readonly installation: Installation;
}

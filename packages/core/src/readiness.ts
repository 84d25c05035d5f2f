import type { Clock } from "./adapters/clock.js";
import type { JobRunner } from "./adapters/job-runner.js";
import type { ProjectFiles } from "./adapters/project-files.js";
import type { GitHubSdkStores } from "./adapters/stores.js";
import { isGitHubSdkError } from "./errors.js";
import type { Logger } from "./logger.js";
import { abortable } from "./timing/abortable.js";
import { timeoutSignal } from "./timing/timeout-signal.js";

/** The result of one check of {@link Readiness}. */
export interface ReadinessCheck {
  readonly ok: boolean;
  /** One or two words. Never contains a secret. */
  readonly text: string;
}

/** The readiness of the SDK to serve requests. */
export interface Readiness {
  /** True when every check passed. */
  readonly ready: boolean;
  readonly checks: {
    /** The storage of sync records responds. */
    readonly store: ReadinessCheck;
    /** Every table has the columns of this version. */
    readonly migrations: ReadinessCheck;
    /** The source of project files responds. */
    readonly source: ReadinessCheck;
    /** The queue of syncs responds. Absent for a job runner without a queue, such as the one in this process. */
    readonly queue?: ReadinessCheck;
  };
}

/** The dependencies that are checked. */
export interface ReadinessServices {
  readonly apiUrl: string;
  readonly stores: GitHubSdkStores;
  readonly projectFiles: ProjectFiles;
  readonly jobs: JobRunner;
  readonly clock: Clock;
  readonly logger: Logger;
}

const CHECK_TIMEOUT_MS = 2_000;
const CACHED_FOR_MS = 2_000;
/** A read that has not ended by then is given up: its connection may be dead. */
const GIVEN_UP_AFTER_MS = 30_000;
const MAX_ID = 2_147_483_647;
/** Names nothing that exists: reading it shows that the storage responds. */
const UNKNOWN = "infrajet-readiness";
const TIMED_OUT = new Error("The check timed out.");

/** Checks the dependencies of the SDK, at most once in 2 seconds, so that probes of any number of clients cost the same. */
export class ReadinessProbe {
  readonly #services: ReadinessServices;
  /** Reads that have not ended. A check that timed out waits for them instead of adding more reads to a slow storage. */
  readonly #running = new Map<string, { readonly since: number; readonly ended: Promise<void> }>();
  #latest: { readonly at: number; readonly readiness: Promise<Readiness> } | null = null;
  #isClosed = false;

  constructor(services: ReadinessServices) {
    this.#services = services;
  }

  /** Returns the readiness, cached for 2 seconds. Never rejects. */
  check(): Promise<Readiness> {
    const now = this.#services.clock.now();
    if (this.#latest === null || now - this.#latest.at > CACHED_FOR_MS) {
      this.#latest = { at: now, readiness: this.#check() };
    }
    return this.#latest.readiness;
  }

  /** Reports from now on that the SDK is not ready, so that a load balancer sends no new requests. */
  close(): void {
    this.#isClosed = true;
    this.#latest = null;
  }

  async #check(): Promise<Readiness> {
    const { jobs } = this.#services;
    const [store, migrations, source, queue] = await Promise.all([
      this.#run("store", "Reachable", () => this.#readRecords()),
      this.#run("migrations", "Applied", () => this.#readTables()),
      this.#run("source", "Reachable", (signal) => this.#openUnknownProject(signal)),
      jobs.health === undefined ? undefined : this.#run("queue", "Reachable", () => this.#checkQueue()),
    ]);
    const checks = { store, migrations, source, ...(queue === undefined ? {} : { queue }) };
    return { ready: Object.values(checks).every(({ ok }) => ok), checks };
  }

  async #checkQueue(): Promise<void> {
    const health = await this.#services.jobs.health?.();
    if (health?.reachable === false) throw new Error(health.detail ?? "The queue does not respond.");
  }

  async #run(name: string, passed: string, read: (signal: AbortSignal) => Promise<void>): Promise<ReadinessCheck> {
    if (this.#isClosed) return { ok: false, text: "Shutting down" };
    const { clock, logger } = this.#services;
    const timeout = timeoutSignal(clock, CHECK_TIMEOUT_MS, TIMED_OUT);
    try {
      await abortable([timeout.signal], (signal) => this.#shared(name, () => read(signal)));
      return { ok: true, text: passed };
    } catch (error) {
      logger.warn("A readiness check failed.", { check: name, error });
      return { ok: false, text: timeout.timedOut ? "Timed out" : "Failed" };
    } finally {
      timeout.clear();
    }
  }

  #shared(name: string, read: () => Promise<void>): Promise<void> {
    const now = this.#services.clock.now();
    const known = this.#running.get(name);
    if (known !== undefined && now - known.since < GIVEN_UP_AFTER_MS) return known.ended;
    const started = { since: now, ended: read() };
    this.#running.set(name, started);
    const forget = (): void => {
      if (this.#running.get(name) === started) this.#running.delete(name);
    };
    started.ended.then(forget, forget);
    return started.ended;
  }

  async #readRecords(): Promise<void> {
    await this.#services.stores.records.unfinished(MAX_ID, 1);
  }

  /** Reads no row, but all columns of each table. */
  async #readTables(): Promise<void> {
    const { apiUrl, stores } = this.#services;
    const target = { apiUrl, repositoryId: 0, branch: UNKNOWN, source: UNKNOWN, directory: "" };
    const installation = { apiUrl, installationId: 0 };
    await Promise.all([
      stores.records.find(MAX_ID),
      stores.baselines.load(target),
      stores.connections.find({ apiUrl, userId: UNKNOWN }),
      stores.installations.find(installation),
      stores.installations.findBinding(installation, UNKNOWN),
      stores.deliveries.find(UNKNOWN),
      stores.resolutions.list(target),
      stores.links.ofProject(apiUrl, { userId: UNKNOWN, projectId: UNKNOWN }),
    ]);
  }

  async #openUnknownProject(signal: AbortSignal): Promise<void> {
    const { projectFiles } = this.#services;
    const project = projectFiles.project ?? { userId: UNKNOWN, projectId: UNKNOWN };
    try {
      const session = await projectFiles.open(project, { signal });
      await session.close();
    } catch (error) {
      if (!isGitHubSdkError(error, "project_not_found")) throw error;
    }
  }
}

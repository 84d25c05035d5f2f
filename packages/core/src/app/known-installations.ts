import type { Installation } from "../domain/installation.js";
import { parseResponse } from "../github/parse-response.js";
import type { AppClient } from "./app-client.js";
import type { AppServices } from "./app-services.js";
import { installationSchema, toInstallation } from "./installation-shape.js";
import { notInstalled } from "./installation-tokens.js";

/** Reads installations as the App itself, from the store or from GitHub. */
export class KnownInstallations {
  readonly #services: Pick<AppServices, "apiUrl" | "installations" | "clock">;
  readonly #client: AppClient;
  readonly #closing: AbortSignal;

  constructor(
    services: Pick<AppServices, "apiUrl" | "installations" | "clock">,
    client: AppClient,
    closing: AbortSignal,
  ) {
    this.#services = services;
    this.#client = client;
    this.#closing = closing;
  }

  /**
   * Reads an installation from GitHub without storing it; `null` when it no longer exists.
   *
   * @param isPatient true for work in the background, which waits for a rate limit as long as the SDK allows
   */
  async read(installationId: number, isPatient = false): Promise<Installation | null> {
    const route = "GET /app/installations/{installation_id}";
    const parameters = { installation_id: installationId };
    const response = await this.#client.request(route, parameters, { signal: this.#closing, expect: [404], isPatient });
    if (response.status === 404) return null;
    return toInstallation(this.#services.apiUrl, parseResponse(installationSchema, response));
  }

  /** Reads an installation from GitHub and stores it. @throws GitHubSdkError `installation_not_found` */
  async fetch(installationId: number): Promise<Installation> {
    const { installations, clock } = this.#services;
    const readAt = new Date(clock.now());
    const read = await this.read(installationId);
    if (read === null) throw notInstalled();
    await installations.save(read, readAt);
    return read;
  }

  /** Returns an installation from the store, or reads it from GitHub. @throws GitHubSdkError `installation_not_found` */
  async lastKnown(installationId: number): Promise<Installation> {
    const { installations, apiUrl } = this.#services;
    return (await installations.find({ apiUrl, installationId })) ?? this.fetch(installationId);
  }
}

import type { Installation } from "../domain/installation.js";
import { GitHubSdkError } from "../errors.js";
import { parseAnswer } from "../github/parse-answer.js";
import type { AppClient } from "./app-client.js";
import type { AppServices } from "./app-services.js";
import { installationSchema, toInstallation } from "./installation-shape.js";

/** Installations as the App itself sees them: as they were last read, or as GitHub shows them now. */
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

  /** As GitHub shows it now, `null` when it is gone. Nothing is kept of it. */
  async read(installationId: number): Promise<Installation | null> {
    const route = "GET /app/installations/{installation_id}";
    const parameters = { installation_id: installationId };
    const answer = await this.#client.request(route, parameters, { signal: this.#closing, expect: [404] });
    if (answer.status === 404) return null;
    return toInstallation(this.#services.apiUrl, parseAnswer(installationSchema, answer));
  }

  /** As GitHub shows it now, and kept so. @throws GitHubSdkError `installation_not_found` */
  async fetch(installationId: number): Promise<Installation> {
    const { installations, clock } = this.#services;
    const readAt = new Date(clock.now());
    const read = await this.read(installationId);
    if (read === null) {
      throw new GitHubSdkError("installation_not_found", "The App is not installed there any more. Install it again.");
    }
    await installations.save(read, readAt);
    return read;
  }

  /** As it was last read. @throws GitHubSdkError `installation_not_found` */
  async lastKnown(installationId: number): Promise<Installation> {
    const { installations, apiUrl } = this.#services;
    return (await installations.find({ apiUrl, installationId })) ?? this.fetch(installationId);
  }
}

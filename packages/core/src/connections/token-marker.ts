import type { ConnectionServices } from "./connection-services.js";
import type { HeldToken } from "./token-vault.js";

/** Marks tokens that GitHub no longer takes, and says so. */
export class TokenMarker {
  readonly #services: Pick<ConnectionServices, "connections" | "bus" | "logger">;

  constructor(services: Pick<ConnectionServices, "connections" | "bus" | "logger">) {
    this.#services = services;
  }

  /** Marks exactly this token; one that replaced it is left alone. Does not fail: GitHub refuses the token again next time. */
  async mark({ connection, client, token }: HeldToken): Promise<void> {
    const { connections, bus, logger } = this.#services;
    const { apiUrl, userId, githubUserId, login } = connection;
    try {
      const marked = await connections.markReauthRequired({ apiUrl, userId }, client, token.version);
      if (marked === null || token.reauthRequired) return;
      bus.emit("connection.reauth_required", { userId, githubUserId, login, client });
    } catch (error) {
      logger.warn("A token that GitHub no longer takes could not be marked.", { userId, client, error });
    }
  }
}

import type { ConnectionServices } from "./connection-services.js";
import type { HeldToken } from "./token-vault.js";

/** Marks tokens that GitHub no longer accepts, and emits `connection.reauth_required`. */
export class TokenMarker {
  readonly #services: Pick<ConnectionServices, "connections" | "bus" | "logger">;

  constructor(services: Pick<ConnectionServices, "connections" | "bus" | "logger">) {
    this.#services = services;
  }

  /** Marks this version of a token, not a newer one. It does not reject: GitHub rejects the token again at its next use. */
  async mark({ connection, client, token }: HeldToken): Promise<void> {
    const { connections, bus, logger } = this.#services;
    const { apiUrl, userId, githubUserId, login } = connection;
    try {
      const marked = await connections.markReauthRequired({ apiUrl, userId }, token.version);
      if (marked === null || token.reauthRequired) return;
      bus.emit("connection.reauth_required", { userId, githubUserId, login, client });
    } catch (error) {
      logger.warn("A token that GitHub no longer accepts could not be marked.", { userId, client, error });
    }
  }
}

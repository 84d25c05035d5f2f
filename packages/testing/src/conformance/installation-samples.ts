import type { Installation, InstallationBinding, InstallationRepository } from "@infrajet/github/adapters";

/** The API's base URL of github.com. */
export const API_URL = "https://api.github.com";
/** The API's base URL of a GitHub Enterprise Server. */
export const ENTERPRISE = "https://github.example.com/api/v3";
/** The installation of most cases. */
export const KEY = { apiUrl: API_URL, installationId: 42 };

/** Returns a time: the greater the number, the later. */
export function at(time: number): Date {
  return new Date(Date.UTC(2026, 2, 1, 10, 0, 0, time));
}

/** Returns an installation in an organization. */
export function sample(overrides: Partial<Installation> = {}): Installation {
  return {
    ...KEY,
    appId: 1234,
    account: { id: 583_231, login: "octo-Org", type: "Organization" },
    repositorySelection: "selected",
    permissions: { contents: "write", metadata: "read" },
    events: ["push", "repository"],
    suspendedAt: null,
    createdAt: new Date("2026-01-01T00:00:00.000Z"),
    updatedAt: new Date("2026-02-01T00:00:00.999Z"),
    ...overrides,
  };
}

/** Returns a user's proof of that installation. */
export function binding(overrides: Partial<InstallationBinding> = {}): InstallationBinding {
  return { ...KEY, userId: "7", githubUserId: 583_231, proof: "user_token", provenAt: at(5), ...overrides };
}

/** Returns a repository of that installation. */
export function repository(id: number): InstallationRepository {
  return { id, fullName: `octo-Org/Repo_${id}`, private: true };
}

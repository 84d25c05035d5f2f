import type { Account } from "./accounts/account.js";
import type { GitHubApp } from "./apps/github-app.js";
import type { InstallationEvent } from "./apps/installation.js";
import type { BoxRepository } from "./repositories/repository.js";

/** A change that Apps can receive a webhook delivery for. */
export type DomainEvent =
  | { event: "ping"; app: GitHubApp }
  | InstallationEvent
  | { event: "github_app_authorization"; action: "revoked"; app: GitHubApp; sender: Account }
  | {
      event: "push";
      repository: BoxRepository;
      /** Full name of the ref. */
      ref: string;
      before: string | undefined;
      after: string | undefined;
      sender: Account;
    }
  | {
      event: "repository";
      action: "created" | "deleted";
      repository: BoxRepository;
      sender: Account;
    }
  | {
      event: "repository";
      action: "renamed";
      repository: BoxRepository;
      /** The old name. */
      from: string;
      sender: Account;
    }
  | {
      event: "repository";
      action: "transferred";
      repository: BoxRepository;
      /** The old owner. */
      from: Account;
      sender: Account;
    }
  | {
      event: "organization";
      action: "member_added" | "member_removed";
      organization: Account;
      user: Account;
      role: "admin" | "member";
      sender: Account;
    };

/** Publishes domain events to subscribers. */
export class DomainEvents {
  private readonly listeners: ((domainEvent: DomainEvent) => void)[] = [];

  /** Calls `listener` synchronously for every event. */
  subscribe(listener: (domainEvent: DomainEvent) => void): void {
    this.listeners.push(listener);
  }

  /** Publishes an event. */
  publish(domainEvent: DomainEvent): void {
    for (const listener of this.listeners) listener(domainEvent);
  }
}

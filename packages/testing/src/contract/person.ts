import { Caller } from "./caller.js";
import type { ContractSubject } from "./contract-subject.js";

/** A user of the host with a GitHub account and a project. */
export class Person extends Caller {
  readonly projectId = "network";

  constructor(
    private readonly host: ContractSubject,
    readonly userId: string,
    readonly login: string,
    authorization: string,
  ) {
    super(host.baseUrl, authorization);
  }

  /** Writes files of the user's project. `null` deletes a file. */
  async write(files: Readonly<Record<string, string | null>>, projectId: string = this.projectId): Promise<void> {
    await this.host.writeProject(this.userId, projectId, files);
  }
}

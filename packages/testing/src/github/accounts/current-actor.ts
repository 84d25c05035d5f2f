import { AsyncLocalStorage } from "node:async_hooks";
import type { Account } from "./account.js";

/** Who is acting: the owner of the token that the request under way came with. */
export class CurrentActor {
  private readonly storage = new AsyncLocalStorage<Account | undefined>();

  /** Runs something in somebody's name. */
  run<T>(account: Account | undefined, work: () => T): T {
    return this.storage.run(account, work);
  }

  /** Who is acting now; undefined outside of requests, and for strangers. */
  get account(): Account | undefined {
    return this.storage.getStore();
  }
}

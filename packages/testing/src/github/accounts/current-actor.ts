import { AsyncLocalStorage } from "node:async_hooks";
import type { Account } from "./account.js";

/** The account on whose behalf the current request is handled: the owner of its token. */
export class CurrentActor {
  private readonly storage = new AsyncLocalStorage<Account | undefined>();

  /** Runs `work` on behalf of an account. */
  run<T>(account: Account | undefined, work: () => T): T {
    return this.storage.run(account, work);
  }

  /** The current account; `undefined` outside of requests and in unauthenticated requests. */
  get account(): Account | undefined {
    return this.storage.getStore();
  }
}

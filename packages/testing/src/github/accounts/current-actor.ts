import { AsyncLocalStorage } from "node:async_hooks";
import type { Account } from "./account.js";

// One for all boxes of the process: on Node 20 every storage that was ever used makes each promise of the process slower.
const actors = new AsyncLocalStorage<ReadonlyMap<CurrentActor, Account | undefined>>();

/** The account on whose behalf the current request is handled: the owner of its token. */
export class CurrentActor {
  /** Runs `work` on behalf of an account, with everything asynchronous that it starts. */
  run<T>(account: Account | undefined, work: () => T): T {
    return actors.run(new Map(actors.getStore()).set(this, account), work);
  }

  /** The current account; `undefined` outside of requests and in unauthenticated requests. */
  get account(): Account | undefined {
    return actors.getStore()?.get(this);
  }
}

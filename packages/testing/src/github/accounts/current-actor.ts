import { AsyncLocalStorage } from "node:async_hooks";
import type { Account } from "./account.js";

type Actors = ReadonlyMap<Acting, Account | undefined>;

// One for all boxes of the process: on Node 20 every storage that was ever used makes each promise of the process slower.
const actors = new AsyncLocalStorage<Actors>();

/** The account that the current request of a box is made as: the owner of the request's token. */
export class Acting {
  /** Calls `work` with `account` as the current actor, also in everything asynchronous that it starts. */
  run<T>(account: Account | undefined, work: () => T): T {
    return actors.run(new Map(actors.getStore()).set(this, account), work);
  }

  /** The current actor; `undefined` outside of requests and for requests without a token. */
  get account(): Account | undefined {
    return actors.getStore()?.get(this);
  }
}

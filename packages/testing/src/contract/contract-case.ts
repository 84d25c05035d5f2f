import type { HostFactory, HostKind } from "./contract-subject.js";
import { Scene } from "./scene.js";

/** One promise of the HTTP contract as a test: `it(c.name, () => c.run(hosts.get))` in any runner; it rejects when the promise is broken. */
export interface ContractCase {
  readonly name: string;
  run(factory: HostFactory): Promise<void>;
}

/** A case on a complete host, or on one of another kind. */
export function contractCase(
  name: string,
  test: (scene: Scene) => Promise<void>,
  kind: HostKind = "complete",
): ContractCase {
  return {
    name,
    async run(factory) {
      const scene = new Scene(await factory(kind));
      try {
        await test(scene);
      } finally {
        scene.end();
      }
    },
  };
}

import type { HostFactory, HostKind } from "./contract-subject.js";
import { Scene } from "./scene.js";

/** A test of the HTTP contract, for any test runner: `it(c.name, () => c.run(hosts.get))`. `run` rejects when the test fails. */
export interface ContractCase {
  readonly name: string;
  run(factory: HostFactory): Promise<void>;
}

/** Declares a case for a host of a kind. Defaults to a complete host. */
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

import ignore from "ignore";
import type { ConflictStrategy } from "../domain/conflict.js";
import type { SyncOptions } from "../domain/sync-record.js";

/** The strategy for each path: the last pattern that matches, else the sync's own. Patterns have the syntax of `.gitignore`. */
export function strategyByPath({
  strategy,
  pathStrategies,
}: Pick<SyncOptions, "strategy" | "pathStrategies">): (path: string) => ConflictStrategy {
  const rules = pathStrategies
    .map((rule) => ({ matcher: ignore({ ignorecase: false }).add(rule.pattern), strategy: rule.strategy }))
    .reverse();
  return (path) => rules.find(({ matcher }) => matcher.ignores(path))?.strategy ?? strategy;
}

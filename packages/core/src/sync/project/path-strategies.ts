import type { ConflictStrategy } from "../../domain/conflict.js";
import type { SyncOptions } from "../../domain/sync-record.js";
import { IgnoreRules } from "./ignore-rules.js";

/** The strategy for each path: the last pattern that matches, else the sync's own. Patterns have the syntax of `.gitignore`. */
export function strategyByPath({
  strategy,
  pathStrategies,
}: Pick<SyncOptions, "strategy" | "pathStrategies">): (path: string) => ConflictStrategy {
  const rules = pathStrategies
    .map((rule) => ({ matcher: new IgnoreRules([rule.pattern]), strategy: rule.strategy }))
    .reverse();
  return (path) => rules.find(({ matcher }) => matcher.covers(path))?.strategy ?? strategy;
}

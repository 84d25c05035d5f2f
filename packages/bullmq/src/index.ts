export { type BullJobs, type BullJobsOptions, bullJobs } from "./bull-jobs.js";
export type { OutageLogger, RedisOptions } from "./redis-commands.js";
export { type RedisPubSubOptions, redisPubSub } from "./redis-pub-sub.js";
export { type RedisRateBudgetOptions, redisRateBudget } from "./redis-rate-budget.js";
export { type RedisTokenCacheOptions, redisTokenCache } from "./redis-token-cache.js";

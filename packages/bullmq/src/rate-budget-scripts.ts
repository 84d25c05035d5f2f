import { LuaScript } from "./lua-script.js";

/** The time by the clock of Redis, in epoch milliseconds. */
const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/**
 * Takes a place. Returns the milliseconds to wait, and 1 when the place was taken.
 *
 * Keys: creates, points of the resource, hourly limit of the resource, open places, closed.
 */
export const TAKE = new LuaScript(`${NOW}
local creates, points, hourly, open, closed = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local ticket = ARGV[1]
local isCreate, cost, isInteractive, atMost = ARGV[2] == '1', tonumber(ARGV[3]), ARGV[4] == '1', tonumber(ARGV[5])
local perMinute, perHour, pointsPerMinute = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local concurrency, share, expires, retry = tonumber(ARGV[9]), tonumber(ARGV[10]), tonumber(ARGV[11]), tonumber(ARGV[12])
local MINUTE, HOUR = 60000, 3600000

redis.call('ZREMRANGEBYSCORE', open, '-inf', now)
if redis.call('ZCOUNT', open, '-inf', now + expires) >= concurrency then return {retry, 0} end

local at = math.max(now, tonumber(redis.call('GET', closed) or '0'))

local function afterLast(count, span)
  local entry = redis.call('ZRANGE', creates, -count, -count, 'WITHSCORES')
  if entry[2] then at = math.max(at, tonumber(entry[2]) + span) end
end
if isCreate then
  afterLast(perMinute, MINUTE)
  afterLast(perHour, HOUR)
end

local seconds, sum = {}, 0
local all = redis.call('HGETALL', points)
local oldest = math.floor((now - MINUTE) / 1000)
for index = 1, #all, 2 do
  local second, count = tonumber(all[index]), tonumber(all[index + 1])
  if second < oldest then
    redis.call('HDEL', points, all[index])
  else
    seconds[#seconds + 1] = {second, count}
    sum = sum + count
  end
end
table.sort(seconds, function(one, other) return one[1] < other[1] end)
for _, entry in ipairs(seconds) do
  if sum + cost <= pointsPerMinute then break end
  sum = sum - entry[2]
  if sum + cost <= pointsPerMinute then at = math.max(at, (entry[1] + 1) * 1000 + MINUTE) end
end

local known = redis.call('HMGET', hourly, 'limit', 'remaining', 'resetAt')
if known[1] and tonumber(known[3]) > now then
  local kept = isInteractive and 0 or math.floor(tonumber(known[1]) * share)
  if tonumber(known[2]) <= kept then at = math.max(at, math.min(tonumber(known[3]) + 1000, now + HOUR)) end
end

local wait = at - now
if wait > atMost then return {wait, 0} end

redis.call('ZADD', open, at + expires, ticket)
redis.call('PEXPIRE', open, wait + 2 * expires)
if isCreate then
  redis.call('ZADD', creates, at, ticket)
  redis.call('ZREMRANGEBYRANK', creates, 0, -(perHour + 1))
  redis.call('PEXPIRE', creates, wait + HOUR)
end
redis.call('HINCRBY', points, math.floor(at / 1000), cost)
redis.call('PEXPIRE', points, wait + 2 * MINUTE)
if known[1] then redis.call('HINCRBY', hourly, 'remaining', -1) end
return {wait, 1}
`);

/** Ends a place. Keys as for `TAKE`. */
export const RELEASE = new LuaScript(`${NOW}
local creates, hourly, open, closed = KEYS[1], KEYS[3], KEYS[4], KEYS[5]
local ticket, resource = ARGV[1], ARGV[2]
local limit, remaining, resetAt, closedFor = ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6])

local wasOpen = redis.call('ZREM', open, ticket) == 1
if redis.call('ZSCORE', creates, ticket) then redis.call('ZADD', creates, now, ticket) end
if closedFor and closedFor > 0 then
  local until_ = math.max(now + closedFor, tonumber(redis.call('GET', closed) or '0'))
  redis.call('SET', closed, string.format('%.0f', until_), 'PX', math.ceil(until_ - now))
end
if wasOpen and limit ~= '' and remaining ~= '' and resetAt ~= '' then
  local inFlight = 0
  for _, other in ipairs(redis.call('ZRANGE', open, 0, -1)) do
    if string.sub(other, 1, #resource + 1) == resource .. ':' then inFlight = inFlight + 1 end
  end
  redis.call('HSET', hourly, 'limit', limit, 'remaining', tonumber(remaining) - inFlight, 'resetAt', resetAt)
  redis.call('PEXPIRE', hourly, 3600000 + 60000)
end
return 1
`);

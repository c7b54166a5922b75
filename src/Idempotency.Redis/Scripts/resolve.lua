-- Ends what an operator has looked into. ARGV: channel, version, C, F or R, how long the record remains, the same in milliseconds, outcome.
-- Answers 1, or 0 when the record has changed, or its owner's lease is not over.
local v = redis.call('GET', KEYS[1])
if not v then return 0 end
if #v < 66 or string.byte(v) ~= 1 then return redis.error_reply('UNREADABLE') end
if string.sub(v, 16, 23) ~= ARGV[2] then return 0 end

-- include record

local r = read(v)
if not r then return redis.error_reply('UNREADABLE') end
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
if r.state ~= 'D' and not (r.state == 'I' and now >= r.since + r.span) then return 0 end

remember_ended(r, r.token)
-- The owner's own late completion must not count as a repetition of this one.
if ARGV[3] ~= 'R' then r.token = string.rep('\0', 16) end
r.state, r.since, r.span, r.outcome, r.version = ARGV[3], now, struct.unpack('>I8', ARGV[4]), ARGV[6], next_version(r, now)
change(r, 'PX', ARGV[5])
return 1

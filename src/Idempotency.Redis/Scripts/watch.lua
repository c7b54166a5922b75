-- Marks a record as waited for. ARGV: channel, version. Answers how many microseconds are left of its lease, and 0 when there is nothing
-- to wait for.
local v = redis.call('GET', KEYS[1])
if not v or #v < 66 or string.sub(v, 1, 2) ~= '\1I' or string.sub(v, 16, 23) ~= ARGV[2] then return 0 end
local time = redis.call('TIME')
local since, span = struct.unpack('>I8I8', v, 32)
local left = since + span - (time[1] * 1000000 + time[2])
if left <= 0 then return 0 end
if string.byte(v, 3) == 0 then redis.call('SETRANGE', KEYS[1], 2, '\1') end
return math.min(left, 9007199254740992)

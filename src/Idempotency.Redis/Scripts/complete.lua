-- Stores an outcome. ARGV: channel, fence, token, C or F, retention, the same in milliseconds, outcome. Answers 1, or 0 to who is fenced.
-- include fenced
local v = redis.call('GET', KEYS[1])
if not v then return fenced() end
if #v < 66 or string.byte(v) ~= 1 then return redis.error_reply('UNREADABLE record') end
if string.sub(v, 8, 15) ~= ARGV[2] or string.sub(v, 48, 63) ~= ARGV[3] then return fenced() end
local state = string.sub(v, 2, 2)
if state == ARGV[4] then
  -- Written once more: a replica that is waited for on another connection than the first time must have it too.
  redis.call('SETRANGE', KEYS[1], 0, '\1')
  return 1
end
if state ~= 'I' and state ~= 'D' then return fenced() end

local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local version = math.max(struct.unpack('>I8', v, 16) + 1, now)
redis.call('SET', KEYS[1], '\1' .. ARGV[4] .. '\0' .. string.sub(v, 4, 15) .. struct.pack('>I8', version) .. string.sub(v, 24, 31) ..
  struct.pack('>I8', now) .. ARGV[5] .. string.sub(v, 48) .. ARGV[7], 'PX', ARGV[6])
if string.byte(v, 3) == 1 then redis.pcall('PUBLISH', ARGV[1], KEYS[1]) end
return 1

-- Begins the lease anew. ARGV: channel, fence, token, lease. Answers 1, or 0 to who is fenced.
-- include fenced
local v = redis.call('GET', KEYS[1])
if not v then return fenced() end
if #v < 66 or string.byte(v) ~= 1 then return redis.error_reply('UNREADABLE record') end
if string.sub(v, 8, 15) ~= ARGV[2] or string.sub(v, 48, 63) ~= ARGV[3] then return fenced() end
local state = string.sub(v, 2, 2)
if state ~= 'I' and state ~= 'D' then return fenced() end

local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local version = math.max(struct.unpack('>I8', v, 16) + 1, now)
-- The end of a lease is what waiters wait for; its beginning is not, and they stay marked.
local is_over = ARGV[4] == '\0\0\0\0\0\0\0\0'
local waited = string.sub(v, 3, 3)
redis.call('SET', KEYS[1], '\1I' .. (is_over and '\0' or waited) .. string.sub(v, 4, 15) .. struct.pack('>I8', version) ..
  string.sub(v, 24, 31) .. struct.pack('>I8', now) .. ARGV[4] .. string.sub(v, 48))
if is_over and waited == '\1' then redis.pcall('PUBLISH', ARGV[1], KEYS[1]) end
return 1

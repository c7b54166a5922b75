-- Frees the key and ends the token. ARGV: channel, fence, token, how long the record remains, the same in milliseconds. Answers 1, or 0 to
-- who is fenced.
-- include fenced
local v = redis.call('GET', KEYS[1])
if not v then return fenced() end
if #v < 66 or string.byte(v) ~= 1 then return redis.error_reply('UNREADABLE record') end

-- include record

local r = read(v)
if not r then return redis.error_reply('UNREADABLE record') end
local is_mine = string.sub(v, 8, 15) == ARGV[2] and r.token == ARGV[3]
if not (is_mine and is_open(r)) then
  return ((is_mine and r.state == 'R') or has_ended(r, ARGV[3])) and 1 or fenced()
end

local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
remember_ended(r, r.token)
r.state, r.since, r.span, r.version = 'R', now, struct.unpack('>I8', ARGV[4]), next_version(r, now)
change(r, 'PX', ARGV[5])
return 1

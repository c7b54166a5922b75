-- Ends a token whose body was never started, and frees what it holds. ARGV: channel, token, how long a free record remains, the same in
-- milliseconds.
local v = redis.call('GET', KEYS[1])
if v and (#v < 66 or string.byte(v) ~= 1) then return redis.error_reply('UNREADABLE') end

-- include record

local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local r
if v then
  r = read(v)
  if not r then return redis.error_reply('UNREADABLE') end
else
  r = { state = 'R', waited = 0, attempt = 0, fence = 0, version = 0, started = now, token = string.rep('\0', 16), print = '', ended = '', outcome = '' }
end

local is_held = r.token == ARGV[2] and is_open(r)
remember_ended(r, ARGV[2])
if is_held or r.state == 'R' then
  r.state, r.since, r.span, r.version = 'R', now, struct.unpack('>I8', ARGV[3]), next_version(r, now)
  change(r, 'PX', ARGV[4])
else
  write(r, 'KEEPTTL')
end
return 1

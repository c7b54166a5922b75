-- Asks for the right to run the body. ARGV[2] is what a new record goes on with after its times: lease, token, length of the
-- fingerprint, no ended tokens, fingerprint. ARGV[3] is R or H: what becomes of a record whose owner's lease is over. KEYS[2], where it
-- is given, holds what ARGV[4] says as long as nothing was lost.
--
-- Answers with the record when it has ended or this script cannot read it, otherwise with a zero byte and: A granted (fence, attempt,
-- whether taken over), S the token has ended, M another fingerprint, B busy (now, the record's head), D in doubt (since, attempt), L data
-- was lost.
if KEYS[2] and redis.call('GET', KEYS[2]) ~= ARGV[4] then return '\0L' end
local v = redis.call('GET', KEYS[1])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local packed = struct.pack('>I8', now)
if not v then
  redis.call('SET', KEYS[1], '\1I\0\0\0\0\1' .. packed .. packed .. packed .. packed .. ARGV[2])
  return '\0A' .. packed .. '\0\0\0\1\0'
end
if #v < 66 or string.byte(v) ~= 1 then return v end

-- include record

local r = read(v)
if not r then return v end
local lease, token, print = struct.unpack('>I8', ARGV[2]), string.sub(ARGV[2], 9, 24), string.sub(ARGV[2], 28)

local function grant(taken_over)
  r.state, r.token, r.print, r.attempt, r.started, r.since, r.span = 'I', token, print, r.attempt + 1, now, now, lease
  r.version = next_version(r, now)
  r.fence = r.version
  change(r)
  return '\0A' .. struct.pack('>I8I4B', r.fence, r.attempt, taken_over)
end

if has_ended(r, token) then return '\0S' end
if r.state == 'R' then return grant(0) end
if r.print ~= print then return '\0M' end
if not is_open(r) then return v end
if r.token == token then
  r.state, r.since, r.span, r.version = 'I', now, lease, next_version(r, now)
  write(r)
  return '\0A' .. struct.pack('>I8I4B', r.fence, r.attempt, 0)
end
if r.state == 'I' and now < r.since + r.span then return '\0B' .. packed .. string.sub(v, 1, 66) end
if r.state == 'I' and ARGV[3] == 'R' then
  remember_ended(r, r.token)
  return grant(1)
end
if r.state == 'I' then
  r.state, r.since, r.span, r.version = 'D', now, 0, next_version(r, now)
  change(r)
end
return '\0D' .. struct.pack('>I8I4', r.since, r.attempt)

-- A record is one string, so that reading it is one GET. Counted from 1, as Lua does:
--
--   1   format       u8, 1
--   2   state        I in progress, C completed, F failed, D in doubt, R released
--   3   waited       u8, 1 when somebody waits for a change; only then is one published
--   4   attempt      u32
--   8   fence        u64
--   16  version      u64
--   24  started      u64, when the last attempt was granted
--   32  since        u64, when the lease began (I), the doubt was found (D) or the record ended (C, F, R)
--   40  span         u64, how long from there the lease lasts (I), or the record (C, F, R)
--   48  token        16 bytes
--   64  fingerprint  u16, its length
--   66  ended        u8, how many ended tokens there are
--   67  the fingerprint, the ended tokens of 16 bytes each, the outcome
--
-- Numbers are big-endian and times are microseconds of this server's clock. In every script KEYS[1] is the record and ARGV[1] the
-- channel that waiters listen to. What follows is shared by the scripts that do more than replace a few bytes.

local function read(v)
  local r = {}
  r.state, r.waited, r.attempt, r.fence, r.version, r.started, r.since, r.span, r.token, r.print, r.ended =
    struct.unpack('>c1BI4I8I8I8I8I8c16I2B', v, 2)
  local ended = 67 + r.print
  local outcome = ended + 16 * r.ended
  if #v < outcome - 1 then return nil end
  r.print, r.ended, r.outcome = string.sub(v, 67, ended - 1), string.sub(v, ended, outcome - 1), string.sub(v, outcome)
  return r
end

local function write(r, ...)
  redis.call('SET', KEYS[1], struct.pack('>Bc1BI4I8I8I8I8I8c16I2B', 1, r.state, r.waited, r.attempt, r.fence, r.version, r.started,
    r.since, r.span, r.token, #r.print, #r.ended / 16) .. r.print .. r.ended .. r.outcome, ...)
end

-- Writes what waiters wait for. A user who may not publish still writes, and waiters look for themselves.
local function change(r, ...)
  local waited = r.waited
  r.waited = 0
  write(r, ...)
  if waited == 1 then redis.pcall('PUBLISH', ARGV[1], KEYS[1]) end
end

local function has_ended(r, token)
  for at = 1, #r.ended, 16 do
    if string.sub(r.ended, at, at + 15) == token then return true end
  end
  return false
end

-- The last eight are remembered.
local function remember_ended(r, token)
  if not has_ended(r, token) then r.ended = string.sub(r.ended .. token, -128) end
end

local function is_open(r)
  return r.state == 'I' or r.state == 'D'
end

-- Versions grow although the clock goes back.
local function next_version(r, now)
  return math.max(r.version + 1, now)
end

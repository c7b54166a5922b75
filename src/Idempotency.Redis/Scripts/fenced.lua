-- A write of nothing, which a replica refuses: it may not know the newest record, and must tell nobody that it is fenced.
local function fenced()
  redis.call('SETRANGE', KEYS[1], 0, '')
  return 0
end


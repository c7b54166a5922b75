-- Asks the server that has KEYS[1] how it is set up. Answers with its maxmemory-policy, and whether it is in a cluster.
return { string.match(redis.call('INFO', 'memory'), 'maxmemory_policy:(%S+)') or '', string.match(redis.call('INFO', 'cluster'), 'cluster_enabled:(%d)') or '0' }

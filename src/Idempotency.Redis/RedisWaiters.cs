using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Idempotency.Redis;

/// <summary>Wakes who waits for a record, when its change is published.</summary>
internal sealed class RedisWaiters(string channel, ILogger logger) : IDisposable
{
    private readonly ConcurrentDictionary<string, Waiter> _waiters = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private IConnectionMultiplexer? _connection;
    private Task _subscribed = Task.CompletedTask;
    private bool _isDenied;

    /// <summary>Listens, so that whatever changes after the returned task is told. One subscription for all; the client restores it.</summary>
    /// <returns>Whether it hears now; who may not still looks.</returns>
    public async Task<bool> ListenAsync(RedisLink.Opened opened, TimeSpan interval)
    {
        Task subscribed;
        lock (_gate)
        {
            if (_connection != opened.Connection || (_subscribed.IsFaulted && !_isDenied))
            {
                _connection = opened.Connection;
                _isDenied = false;
                _subscribed = opened.Connection.GetSubscriber().SubscribeAsync(Channel, Tell);
            }

            subscribed = _subscribed;
        }

        try
        {
            await subscribed.ConfigureAwait(false);
            return true;
        }
        catch (RedisException failure)
        {
            // Messages are only faster than looking: who waits looks from time to time in any case. Who may not listen is not asked again.
            if (!Interlocked.Exchange(ref _isDenied, failure is RedisServerException))
            {
                logger.DoesNotTell(opened.Servers, channel, interval, failure);
            }

            return false;
        }
    }

    /// <summary>Waits with others for one record. Dispose it when the wait is over.</summary>
    public Waiter Join(string record)
    {
        while (true)
        {
            var waiter = _waiters.GetOrAdd(record, static (record, waiters) => new Waiter(record, waiters), _waiters);
            if (waiter.TryJoin())
            {
                return waiter;
            }
        }
    }

    /// <summary>Lets all who wait go, and listens no more.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            try
            {
                _connection?.GetSubscriber().Unsubscribe(Channel, Tell, CommandFlags.FireAndForget);
            }
            catch (Exception closed) when (closed is ObjectDisposedException or RedisException)
            {
                // The application has closed its connection before, and nothing is heard on it any more.
            }
        }

        foreach (var waiter in _waiters.Values)
        {
            waiter.Wake();
        }
    }

    private RedisChannel Channel => new(channel, RedisChannel.PatternMode.Literal);

    private void Tell(RedisChannel from, RedisValue record)
    {
        if (_waiters.TryGetValue((string?)record ?? "", out var waiter))
        {
            waiter.Wake();
        }
    }

    /// <summary>All in this process who wait for one record.</summary>
    internal sealed class Waiter(string record, ConcurrentDictionary<string, Waiter> waiters) : IDisposable
    {
        private readonly TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _count;

        public Task Changed => _changed.Task;

        /// <summary><see langword="false"/> when the last one has just left, or has been woken.</summary>
        public bool TryJoin()
        {
            lock (_changed)
            {
                if (_count < 0)
                {
                    return false;
                }

                _count++;
                return true;
            }
        }

        public void Wake()
        {
            Close();
            _changed.TrySetResult();
        }

        public void Dispose()
        {
            lock (_changed)
            {
                if (_count > 1)
                {
                    _count--;
                    return;
                }
            }

            Close();
        }

        private void Close()
        {
            lock (_changed)
            {
                _count = -1;
                waiters.TryRemove(KeyValuePair.Create(record, this));
            }
        }
    }
}

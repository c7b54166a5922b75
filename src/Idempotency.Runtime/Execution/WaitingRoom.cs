using Idempotency.Keys;

namespace Idempotency.Execution;

/// <summary>
/// Who in this process waits for a key inside a transaction. One at a time, because each such wait occupies a connection, and those
/// are few: the owner's body may need one to get on.
/// </summary>
internal sealed class WaitingRoom(int most)
{
    private readonly Dictionary<IdempotencyKey, Queue> _queues = new(CanonicalKeyComparer.Instance);

    /// <summary>Queues up; <see langword="null"/> when there are too many already.</summary>
    public Queue? Enter(IdempotencyKey key)
    {
        lock (_queues)
        {
            if (!_queues.TryGetValue(key, out var queue))
            {
                _queues.Add(key, queue = new Queue());
            }

            if (queue.Waiters == most)
            {
                return null;
            }

            queue.Waiters++;
            return queue;
        }
    }

    public void Leave(IdempotencyKey key, Queue queue)
    {
        lock (_queues)
        {
            if (--queue.Waiters == 0)
            {
                _queues.Remove(key);
                queue.Dispose();
            }
        }
    }

    /// <summary>Those who wait for one key.</summary>
    internal sealed class Queue : IDisposable
    {
        private readonly SemaphoreSlim _turn = new(1);

        /// <summary>Changed by the room, under its lock.</summary>
        public int Waiters { get; set; }

        /// <summary>Waits until this caller is the one who asks the database.</summary>
        public Task TakeTurnAsync(CancellationToken cancellationToken) => _turn.WaitAsync(cancellationToken);

        public void EndTurn() => _turn.Release();

        public void Dispose() => _turn.Dispose();
    }
}

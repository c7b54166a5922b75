using Idempotency.Keys;

namespace Idempotency.PostgreSql;

/// <summary>What callers of this process wait for: that a record which they saw in this version is no longer its owner's.</summary>
internal sealed class Watch(IdempotencyKey key, long version)
{
    private readonly TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IdempotencyKey Key => key;

    public long Version => version;

    /// <summary>How many wait; under the lock of all watches.</summary>
    public int Waiters { get; set; }

    /// <summary>The owner's fence; <see langword="null"/> until the record was looked at first.</summary>
    public long? Fence { get; set; }

    /// <summary>When the lease ends as far as is known here, by the clock of this process.</summary>
    public long LeaseEnd { get; set; }

    public Task Changed => _changed.Task;

    public void Wake() => _changed.TrySetResult();
}

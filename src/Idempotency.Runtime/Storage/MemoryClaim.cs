namespace Idempotency.Storage;

/// <summary>
/// What a record remembers beside its outcome, from when somebody needs it: most records never do, because they are claimed once and
/// completed, with nobody waiting.
/// </summary>
internal sealed class MemoryClaim(OwnerToken token)
{
    /// <summary>How many ended tokens are remembered, the oldest forgotten first.</summary>
    private const int MaxDead = 8;

    private OwnerToken[] _dead = [];
    private TaskCompletionSource? _changed;

    /// <summary>Whose the record is, or was at its end; the default when it is nobody's any more.</summary>
    public OwnerToken Token { get; set; } = token;

    /// <summary>What the record ended with.</summary>
    public object? Outcome { get; set; }

    public DateTimeOffset DoubtSince { get; set; }

    /// <summary>The callers who wait, in groups by when they are to stop: the first group, which knows the next.</summary>
    public MemoryWaiters? Waiters { get; set; }

    /// <summary>Completes when the record changes.</summary>
    public Task Changed => (_changed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public bool IsDead(OwnerToken token) => _dead.AsSpan().Contains(token);

    public void End(OwnerToken token)
    {
        if (!IsDead(token))
        {
            _dead = [.. _dead.AsSpan(_dead.Length < MaxDead ? 0 : 1), token];
        }
    }

    public void Notify()
    {
        // The waiters run elsewhere, not here under the lock, because of how the source was made.
        _changed?.TrySetResult();
        _changed = null;
        Waiters?.WakeAll();
        Waiters = null;
    }
}

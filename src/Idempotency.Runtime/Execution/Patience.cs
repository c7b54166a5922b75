namespace Idempotency.Execution;

/// <summary>How long something that fails is tried again, counted from its first failure.</summary>
internal sealed class Patience(TimeProvider time, TimeSpan longest)
{
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(1);

    private Backoff _backoff = new(time, s_longestPause);
    private long? _since;

    public TimeSpan Longest => longest;

    /// <summary>What is left of it; all of it before the first failure.</summary>
    public TimeSpan Left => _since is { } since && longest - time.GetElapsedTime(since) is var left ? left > TimeSpan.Zero ? left : TimeSpan.Zero : longest;

    /// <summary>Counts from now, as for a first failure.</summary>
    public void Restart() => (_since, _backoff) = (time.GetTimestamp(), new Backoff(time, s_longestPause));

    /// <summary>It has succeeded.</summary>
    public void End() => (_since, _backoff) = (null, new Backoff(time, s_longestPause));

    /// <summary>It has failed. <see langword="false"/> when it is not to be tried again.</summary>
    public bool Fail()
    {
        _since ??= time.GetTimestamp();
        return Left > TimeSpan.Zero;
    }

    /// <summary>It has failed: pauses before the next try. <see langword="false"/>, at once, when there is to be none.</summary>
    public async ValueTask<bool> TryAgainAsync(CancellationToken cancellationToken)
    {
        if (!Fail())
        {
            return false;
        }

        await _backoff.PauseAsync(Left, cancellationToken).ConfigureAwait(false);
        return true;
    }
}

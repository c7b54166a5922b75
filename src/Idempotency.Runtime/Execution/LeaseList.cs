using System.Runtime.InteropServices;

namespace Idempotency.Execution;

/// <summary>Some of the attempts whose leases are kept, in no order, under a lock of their own.</summary>
/// <param name="index">Which of its keeper's lists this is.</param>
internal sealed class LeaseList(int index)
{
    private readonly List<RunningAttempt> _attempts = [];

    public Lock Gate { get; } = new();

    public ReadOnlySpan<RunningAttempt> Attempts => CollectionsMarshal.AsSpan(_attempts);

    public void Add(RunningAttempt attempt)
    {
        _attempts.Add(attempt);
        attempt.Place = new LeasePlace(index, _attempts.Count);
    }

    public void Remove(RunningAttempt attempt)
    {
        // The last one takes its place.
        var number = attempt.Place.Number;
        var last = _attempts[^1];
        _attempts[number - 1] = last;
        last.Place = new LeasePlace(index, number);
        _attempts.RemoveAt(_attempts.Count - 1);
        attempt.Place = new LeasePlace(index, 0);
    }
}

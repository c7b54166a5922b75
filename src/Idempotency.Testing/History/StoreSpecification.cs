using Idempotency.Storage;

namespace Idempotency.Testing;

/// <summary>
/// The contract as one step after another: from a state and a call, with its answer where one came, to the states that may follow.
/// None when the answer cannot be explained. Knows no store.
/// </summary>
internal sealed class StoreSpecification(TimeSpan tolerance, TimeSpan tombstone)
{
    private readonly long _tolerance = tolerance.Ticks;

    public IEnumerable<SpecState> Step(SpecState state, SpecCall call) => Views(state, call).SelectMany(view => call.Entry.Operation switch
    {
        StoreOperation.Claim => Claim(view, call),
        StoreOperation.Abandon => [Abandon(view, call)],
        StoreOperation.Get => Get(view, call),
        StoreOperation.Resolve => Resolve(view, call),
        _ => Write(view, call),
    });

    /// <summary>The state as the call may have met it: with the record or, when it may have expired, without.</summary>
    private IEnumerable<SpecState> Views(SpecState state, SpecCall call)
    {
        if (state.State is null || state.Expiry.MayBeAhead(call, _tolerance))
        {
            yield return state;
        }

        if (state.State is not null && state.Expiry.MayBeOver(call, _tolerance))
        {
            yield return SpecState.Absent(state.LastFence);
        }
    }

    private IEnumerable<SpecState> Claim(SpecState state, SpecCall call)
    {
        var answer = call.Entry.Claim;
        if (state.MayKnowAsEnded(call.Token) && Is(ReferenceEquals(answer, Storage.Claim.Stale)))
        {
            yield return state;
        }

        // An ended record grants nothing to anybody, so that a store may answer from a copy that has not heard of the token's end.
        if (state.MustKnowAsEnded(call.Token) && state.State is not (RecordState.Completed or RecordState.Failed))
        {
            yield break;
        }

        if (state.State is null or RecordState.Released)
        {
            foreach (var granted in Grant(state, call, takenOver: false))
            {
                yield return granted;
            }

            yield break;
        }

        if (state.Fingerprint != call.Fingerprint)
        {
            if (Is(ReferenceEquals(answer, Storage.Claim.Mismatch)))
            {
                yield return state;
            }

            yield break;
        }

        if (!state.IsOpen)
        {
            if (Is(answer is Claim.Finished finished && SpecCall.NameOf(finished.Outcome) == state.Outcome))
            {
                yield return state;
            }

            yield break;
        }

        if (state.Owner == call.Token)
        {
            if (Is(answer is Claim.Acquired { TakenOver: false } again && again.Attempt == state.Attempt && (state.Fence ?? again.Fence) == again.Fence))
            {
                yield return Extend(Learn(state, (answer as Claim.Acquired)?.Fence), call);
            }

            yield break;
        }

        if (state.State == RecordState.InDoubt)
        {
            if (Is(answer is Claim.InDoubt doubt && doubt.Attempt == state.Attempt))
            {
                yield return state;
            }

            yield break;
        }

        if (state.Lease.MayBeAhead(call, _tolerance) && Is(answer is Claim.Busy busy && busy.Attempt == state.Attempt))
        {
            yield return state;
        }

        if (!state.Lease.MayBeOver(call, _tolerance))
        {
            yield break;
        }

        if (call.Entry.OnCrash == OnCrash.Hold)
        {
            if (Is(answer is Claim.InDoubt found && found.Attempt == state.Attempt))
            {
                yield return state with { State = RecordState.InDoubt, Lease = SpecWindow.Never };
            }

            yield break;
        }

        foreach (var granted in Grant(state.End(state.Owner), call, takenOver: true))
        {
            yield return granted;
        }

        bool Is(bool explained) => !call.IsKnown || explained;
    }

    private static IEnumerable<SpecState> Grant(SpecState state, SpecCall call, bool takenOver)
    {
        var answer = call.Entry.Claim as Claim.Acquired;
        var isExplained = answer is not null && answer.Fence > state.LastFence && answer.Attempt == state.Attempt + 1 && answer.TakenOver == takenOver;
        if (!call.IsKnown || isExplained)
        {
            yield return Extend(
                state with
                {
                    Owner = call.Token,
                    Fence = answer?.Fence,
                    LastFence = answer?.Fence ?? state.LastFence,
                    Attempt = state.Attempt + 1,
                    Fingerprint = call.Fingerprint,
                    Outcome = "",
                    Expiry = SpecWindow.Never,
                },
                call);
        }
    }

    /// <summary>Renewing, completing, failing and releasing: what only the owner may do.</summary>
    private IEnumerable<SpecState> Write(SpecState state, SpecCall call)
    {
        var mayBeMine = state.Owner == call.Token && (state.Fence ?? call.Entry.Fence) == call.Entry.Fence;
        if (mayBeMine && state.IsOpen && Is(OwnerAnswer.Accepted))
        {
            yield return Written(Learn(state, call.Entry.Fence), call);
        }

        var isFailure = call.Entry.Outcome?.IsFailure == true;
        var repeats = call.Entry.Operation switch
        {
            StoreOperation.Complete => mayBeMine && state.State == (isFailure ? RecordState.Failed : RecordState.Completed),
            StoreOperation.Release => (mayBeMine && state.State == RecordState.Released) || state.MayKnowAsEnded(call.Token),
            _ => false,
        };
        if (repeats && !(mayBeMine && state.IsOpen) && Is(OwnerAnswer.Accepted))
        {
            yield return state;
        }

        var mustRepeat = call.Entry.Operation == StoreOperation.Release
            ? state.MustKnowAsEnded(call.Token) || (mayBeMine && state.State == RecordState.Released)
            : repeats;
        var isCertainlyMine = mayBeMine && state.Fence is not null;
        if (!(isCertainlyMine && state.IsOpen) && !mustRepeat && Is(OwnerAnswer.Fenced))
        {
            yield return state;
        }

        bool Is(OwnerAnswer answer) => !call.IsKnown || call.Entry.OwnerAnswer == answer;
    }

    private SpecState Written(SpecState state, SpecCall call) => call.Entry.Operation switch
    {
        StoreOperation.Renew => Extend(state, call),
        StoreOperation.Release => Free(state, call),
        _ => Finish(state, call),
    };

    private SpecState Abandon(SpecState state, SpecCall call)
    {
        if (state.IsOpen && state.Owner == call.Token)
        {
            return Free(state, call);
        }

        var ended = state.End(call.Token);
        return ended.State is null or RecordState.Released
            ? ended with { State = RecordState.Released, Expiry = SpecWindow.After(call, tombstone) }
            : ended;
    }

    private static IEnumerable<SpecState> Get(SpecState state, SpecCall call)
    {
        var isExplained = !call.IsKnown || (call.Entry.Record, state.State) switch
        {
            (null, null) => true,
            ({ } read, { } stands) => read.State == stands && read.Attempt == state.Attempt && SpecCall.NameOf(read.Outcome) == state.Outcome
                && (!state.IsOpen || (state.Fence ?? read.Fence) == read.Fence),
            _ => false,
        };
        if (isExplained)
        {
            yield return state.IsOpen ? Learn(state, call.Entry.Record?.Fence) : state;
        }
    }

    /// <summary>Which version a record has is the store's affair, so a resolution may be refused at any time.</summary>
    private IEnumerable<SpecState> Resolve(SpecState state, SpecCall call)
    {
        if (!call.IsKnown || call.Entry.Resolved == false)
        {
            yield return state;
        }

        var isResolvable = state.State == RecordState.InDoubt || (state.State == RecordState.InProgress && state.Lease.MayBeOver(call, _tolerance));
        if (isResolvable && (!call.IsKnown || call.Entry.Resolved == true))
        {
            yield return call.Entry.Outcome is null ? Free(state, call) : Finish(state.End(state.Owner) with { Owner = SpecState.Nobody }, call);
        }
    }

    private static SpecState Extend(SpecState state, SpecCall call) =>
        state with { State = RecordState.InProgress, Lease = SpecWindow.After(call, call.Entry.Duration) };

    private static SpecState Finish(SpecState state, SpecCall call) => state with
    {
        State = call.Entry.Outcome!.IsFailure ? RecordState.Failed : RecordState.Completed,
        Outcome = call.Outcome,
        Lease = SpecWindow.Never,
        Expiry = SpecWindow.After(call, call.Entry.Duration),
    };

    private SpecState Free(SpecState state, SpecCall call) =>
        state.End(state.Owner) with { State = RecordState.Released, Lease = SpecWindow.Never, Expiry = SpecWindow.After(call, tombstone) };

    /// <summary>Hears of the fence of a grant whose own answer was lost.</summary>
    private static SpecState Learn(SpecState state, long? fence) =>
        state.Fence is null && fence is { } heard ? state with { Fence = heard, LastFence = Math.Max(state.LastFence, heard) } : state;
}

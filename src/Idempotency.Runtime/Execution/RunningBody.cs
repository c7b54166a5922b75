using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.Execution;

/// <summary>
/// A body that runs, as its flow of control carries it along: a call of its key from inside would wait for itself for ever, and code
/// that is not handed the context finds it here.
/// </summary>
internal abstract class RunningBody : IdempotencyContext
{
    private static readonly AsyncLocal<RunningBody?> s_innermost = new();

    private RunningBody? _outer;
    private volatile Phase _phase;

    /// <summary>How far a body is.</summary>
    private enum Phase : byte
    {
        Outside,
        Inside,
        Settling,
        Ended,
    }

    /// <summary>The innermost body that this flow is inside of and that has not ended.</summary>
    public static RunningBody? Innermost
    {
        get
        {
            for (var running = s_innermost.Value; running is not null; running = running._outer)
            {
                if (running._phase == Phase.Inside)
                {
                    return running;
                }

                running.ForgetEnded();
            }

            return null;
        }
    }

    /// <summary>Whether this flow is inside a body that runs under this key.</summary>
    public static bool Holds(IIdempotencyStore store, KeySpace space, ReadOnlySpan<byte> arguments)
    {
        for (var running = s_innermost.Value; running is not null; running = running._outer)
        {
            if (running._phase != Phase.Ended && running.IsUnder(store, space, arguments))
            {
                return true;
            }

            running.ForgetEnded();
        }

        return false;
    }

    /// <summary>Marks the key as held by this flow and by everything it starts, until <see cref="EndHold"/>.</summary>
    public void Hold()
    {
        _outer = s_innermost.Value;
        MarkFlow();
    }

    /// <summary>Marks the present flow, too, which is not one that the body has started: that of a method that settles the attempt.</summary>
    public void MarkFlow() => s_innermost.Value = this;

    /// <summary>The body begins.</summary>
    public void BeginBody() => _phase = Phase.Inside;

    /// <summary>The key is held no more; what the body started and left running may call it again.</summary>
    public void EndHold() => _phase = Phase.Ended;

    /// <summary>The body has ended. Its key is held until that is settled.</summary>
    protected void LeaveBody()
    {
        if (_phase == Phase.Inside)
        {
            _phase = Phase.Settling;
        }
    }

    /// <summary>Whether the body runs under this key of this store.</summary>
    protected abstract bool IsUnder(IIdempotencyStore store, KeySpace space, ReadOnlySpan<byte> arguments);

    /// <summary>
    /// What a body left running carries its own along; without this a flow that starts itself again would collect them all.
    /// </summary>
    private void ForgetEnded()
    {
        while (_outer is { _phase: Phase.Ended } ended)
        {
            _outer = ended._outer;
        }
    }
}

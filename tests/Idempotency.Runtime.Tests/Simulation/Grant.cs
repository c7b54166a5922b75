using Idempotency.Storage;

namespace Idempotency.Runtime.Tests.Simulation;

/// <summary>How a grant ended, if it has.</summary>
internal enum GrantEnd
{
    Open,
    Finished,
    Released,
    Abandoned,
    TakenOver,
    Resolved,
}

/// <summary>One claim that the store granted.</summary>
internal sealed class Grant(Epoch epoch, SimulatedProcess owner, OwnerToken token, long fence, TimeSpan at)
{
    public Epoch Epoch => epoch;

    public SimulatedProcess Owner => owner;

    public OwnerToken Token => token;

    public long Fence => fence;

    public TimeSpan GrantedAt => at;

    public TimeSpan LeaseUntil { get; set; }

    public GrantEnd End { get; set; }

    public TimeSpan? EndedAt { get; set; }

    /// <summary>The only run of the body under this grant.</summary>
    public BodyRun? Run { get; set; }

    public bool IsCurrent => End == GrantEnd.Open || (End == GrantEnd.Finished && epoch.Winner == this);
}

/// <summary>One run of a body.</summary>
internal sealed class BodyRun(int number, Grant grant, SimulatedCall call)
{
    /// <summary>What the body returns: no other run returns the same.</summary>
    public int Number => number;

    public Grant Grant => grant;

    public SimulatedCall Call => call;

    public bool HadEffect { get; set; }

    public bool HasEnded { get; set; }

    /// <summary>What it threw.</summary>
    public Exception? Failure { get; set; }
}

namespace Idempotency;

/// <summary>An earlier owner vanished after it may have had its effect, and the operation must not run again (<see cref="OnCrash.Hold"/>).</summary>
public sealed class OperationInDoubtException : IdempotencyException
{
    /// <summary>Says that it happened to this operation and key.</summary>
    public OperationInDoubtException(string operation, string key, int attempt, DateTimeOffset since)
        : base(operation, key, $"Operation {Name(operation, key)} is in doubt since {since:O}: the owner of attempt {attempt} vanished after it may have had its effect. The body did not run. Find out whether the effect happened and resolve the record with IdempotencyOperator.ResolveAsync.")
    {
        Attempt = attempt;
        Since = since;
    }

    /// <summary>Which attempt vanished.</summary>
    public int Attempt { get; }

    /// <summary>When its lease was found to have lapsed.</summary>
    public DateTimeOffset Since { get; }
}

using Idempotency.Storage;

namespace Idempotency.Testing;

/// <summary>An entry of a history with everything in it that is compared often made comparable: tokens numbered, bytes named.</summary>
internal sealed class SpecCall(HistoryEntry entry, int token, string fingerprint, string outcome)
{
    public HistoryEntry Entry => entry;

    public int Token => token;

    public string Fingerprint => fingerprint;

    /// <summary>Names what a completion or a resolution stores.</summary>
    public string Outcome => outcome;

    public bool IsKnown => entry.ReturnedAt is not null;

    public long CalledAt { get; private init; } = entry.CalledAt.Ticks;

    /// <summary>At the end of time when no answer came.</summary>
    public long ReturnedAt { get; private init; } = entry.ReturnedAt?.Ticks ?? long.MaxValue;

    /// <summary>The call, known to take effect not before one moment and not after another.</summary>
    public SpecCall Within(long earliest, long latest) =>
        new(entry, token, fingerprint, outcome) { CalledAt = Math.Max(CalledAt, earliest), ReturnedAt = Math.Min(ReturnedAt, latest) };

    /// <summary>Whether this call had ended before the other began.</summary>
    public bool Precedes(SpecCall other) =>
        ReturnedAt < other.CalledAt || (ReturnedAt == other.CalledAt && entry.ReturnOrder < other.Entry.CallOrder);

    /// <summary>A name that only outcomes with the same content have.</summary>
    public static string NameOf(StoredOutcome? outcome) => outcome switch
    {
        null => "",
        { HasValue: true } => $"value {System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(outcome.Value)} {outcome.Value}",
        _ => $"{(outcome.IsFailure ? "failure" : "result")} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(outcome.Payload.Span))}",
    };
}

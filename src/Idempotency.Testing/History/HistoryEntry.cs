using System.Globalization;
using Idempotency.Keys;
using Idempotency.Storage;

namespace Idempotency.Testing;

/// <summary>One call of a store and what became of it, as its caller saw it.</summary>
public sealed record HistoryEntry
{
    /// <summary>The key.</summary>
    public required IdempotencyKey Key { get; init; }

    /// <summary>What was asked. Waiting and purging change no answer and are in no history.</summary>
    public required StoreOperation Operation { get; init; }

    /// <summary>When the call was made, since the beginning of the history.</summary>
    public required TimeSpan CalledAt { get; init; }

    /// <summary>When the answer came; <see langword="null"/> when none came, so that the call may have been applied then, may be later, or never.</summary>
    public TimeSpan? ReturnedAt { get; init; }

    /// <summary>The caller's token; of a claim, an owner's write or an abandon.</summary>
    public OwnerToken Token { get; init; }

    /// <summary>The fence that an owner showed.</summary>
    public long Fence { get; init; }

    /// <summary>The lease of a claim or a renewal; the retention of a completion or a resolution.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>A claim's crash policy.</summary>
    public OnCrash OnCrash { get; init; }

    /// <summary>A claim's fingerprint.</summary>
    public ReadOnlyMemory<byte> Fingerprint { get; init; }

    /// <summary>What a completion or a resolution stores; <see langword="null"/> for a resolution that frees the key.</summary>
    public StoredOutcome? Outcome { get; init; }

    /// <summary>The answer to a claim.</summary>
    public Claim? Claim { get; init; }

    /// <summary>The answer to an owner's write.</summary>
    public OwnerAnswer? OwnerAnswer { get; init; }

    /// <summary>The answer to a resolution.</summary>
    public bool? Resolved { get; init; }

    /// <summary>What a read found; <see langword="null"/> when there was nothing.</summary>
    public OperationRecord? Record { get; init; }

    /// <summary>Among the calls and answers of one process, which this call was: tells what a clock cannot.</summary>
    internal long CallOrder { get; init; }

    /// <summary>Likewise for the answer.</summary>
    internal long ReturnOrder { get; init; }

    /// <summary>One line for people: when, what, and the answer.</summary>
    public override string ToString()
    {
        var asked = Operation switch
        {
            StoreOperation.Claim => $"claim as {Short(Token)}, lease {Duration}, {OnCrash}",
            StoreOperation.Renew => $"renew as {Short(Token)}/{Fence}, lease {Duration}",
            StoreOperation.Complete => $"{(Outcome?.IsFailure == true ? "fail" : "complete")} as {Short(Token)}/{Fence}, retention {Duration}",
            StoreOperation.Release => $"release as {Short(Token)}/{Fence}",
            StoreOperation.Abandon => $"abandon {Short(Token)}",
            StoreOperation.Resolve => Outcome is null ? "resolve: free" : "resolve: store",
            _ => "get",
        };
        var answer = ReturnedAt is null ? "no answer" : $"{(object?)Claim ?? (object?)OwnerAnswer ?? (object?)Resolved ?? Say(Record)}";
        var until = ReturnedAt is { } returned ? Micro(returned) : "?";
        return $"{Micro(CalledAt)} to {until}: {asked} -> {answer}";
    }

    internal static string Short(OwnerToken token) => token.ToString()[..6];

    private static string Say(OperationRecord? record) => record is null ? "done" : $"{record.State}, fence {record.Fence}, attempt {record.Attempt}";

    private static string Micro(TimeSpan time) => time.TotalMicroseconds.ToString("0.0", CultureInfo.InvariantCulture) + " µs";
}

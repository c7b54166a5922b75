using Idempotency.Storage;

namespace Idempotency.Testing;

/// <summary>
/// Where a record may stand, by the table of the contract alone. Times are windows, because nobody outside the store knows just when a
/// call took effect. Compared by value.
/// </summary>
/// <param name="State">Where it stands; <see langword="null"/> without a record.</param>
/// <param name="Owner">The owner's number; <see cref="Nobody"/> when a person resolved the record or nobody ever had it.</param>
/// <param name="Fence">The fence of the last grant; <see langword="null"/> while nobody has heard of it.</param>
/// <param name="LastFence">The greatest fence heard of in any life of this key.</param>
/// <param name="Attempt">The last attempt.</param>
/// <param name="Fingerprint">The last grant's.</param>
/// <param name="Outcome">Names the stored outcome.</param>
/// <param name="Ended">The numbers of the tokens that ended, oldest first.</param>
/// <param name="Lease">When the lease ends.</param>
/// <param name="Expiry">When the record expires.</param>
internal sealed record SpecState(
    RecordState? State, int Owner, long? Fence, long LastFence, int Attempt, string Fingerprint, string Outcome, string Ended, SpecWindow Lease, SpecWindow Expiry)
{
    public const int Nobody = -1;

    /// <summary>How many ended tokens a store must remember. It may remember more.</summary>
    private const int MustRemember = 8;

    public static SpecState Absent(long lastFence) =>
        new(null, Nobody, 0, lastFence, 0, "", "", "", SpecWindow.Never, SpecWindow.Never);

    public bool IsOpen => State is RecordState.InProgress or RecordState.InDoubt;

    /// <summary>Whether the token must be known as ended.</summary>
    public bool MustKnowAsEnded(int token) => Ended.AsSpan(Math.Max(0, Ended.Length - MustRemember)).Contains((char)token);

    /// <summary>Whether the token may be known as ended.</summary>
    public bool MayKnowAsEnded(int token) => Ended.Contains((char)token, StringComparison.Ordinal);

    /// <summary>Ends a token, as the latest unless it is known as ended. What may have been forgotten may also be remembered anew.</summary>
    public SpecState End(int token) => token == Nobody || MustKnowAsEnded(token)
        ? this
        : this with { Ended = Ended.Replace($"{(char)token}", "", StringComparison.Ordinal) + (char)token };

    public override string ToString() => State is null
        ? "no record"
        : $"{State}, fence {Fence?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "unknown"}, attempt {Attempt}, "
          + $"lease ends {Lease}, record expires {Expiry}";
}

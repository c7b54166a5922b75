using System.Text.Json.Serialization.Metadata;

namespace Idempotency;

/// <summary>How guarded calls behave where their attribute does not say. Checked at start.</summary>
public sealed class IdempotencyOptions
{
    internal static readonly TimeSpan LeastDuration = TimeSpan.FromMilliseconds(1);
    internal static readonly TimeSpan MaxTtl = TimeSpan.FromDays(3650);
    internal static readonly TimeSpan MaxLease = TimeSpan.FromDays(1);
    internal static readonly TimeSpan MaxWaitTimeout = TimeSpan.FromDays(1);

    /// <summary>
    /// How long an outcome is remembered, counted from completion; 24 hours by default, from 1 millisecond to 3,650 days. A
    /// duplicate that arrives later runs the body again, so choose it longer than your callers retry.
    /// </summary>
    public TimeSpan DefaultTtl { get; set; } = TimeSpan.FromDays(1);

    /// <summary>
    /// How long a claim lasts unless renewed; 30 seconds by default, from 1 millisecond to 1 day. It is renewed every third of
    /// this while the body runs, so a body may take longer. After a crash, this is how long others wait.
    /// </summary>
    public TimeSpan DefaultLease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest a duplicate waits under <see cref="OnDuplicate.Wait"/>; 30 seconds by default, up to 1 day.</summary>
    public TimeSpan DefaultWaitTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The longest one call of the store may take before its answer counts as lost; 5 seconds by default, from 1 millisecond to
    /// 1 hour, and never more than a sixth of the operation's lease.
    /// </summary>
    public TimeSpan StoreTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a claim is tried again, with the same token, while the store does not answer, before the caller gets
    /// <see cref="StoreUnavailableException"/>; 15 seconds by default, up to 1 hour.
    /// </summary>
    public TimeSpan ClaimTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long a body may run, its outcome's saving included, before its lease is no longer renewed and its token is cancelled;
    /// 1 hour by default, up to 30 days. After it the crash policy decides: a hung body must not hold its key for ever.
    /// </summary>
    public TimeSpan ExecutionLimit { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// How long an outcome that could not be stored in time is still tried in the background, after its caller got
    /// <see cref="OutcomeNotStoredException"/>; 10 minutes by default, up to 1 day. Zero gives up at once.
    /// </summary>
    public TimeSpan BackgroundCompletion { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>What a call gets whose key was taken over while its body ran. <see cref="OnLeaseLost.Throw"/> by default.</summary>
    public OnLeaseLost OnLeaseLost { get; set; }

    /// <summary>
    /// The largest result that is stored, in bytes; 256 KiB by default, from 1 byte to 1 GiB. A larger one is replaced by a
    /// marker: the first caller gets it inside <see cref="OutcomeNotStoredException"/> and the body never runs again.
    /// </summary>
    public int MaxResultBytes { get; set; } = 256 * 1024;

    /// <summary>
    /// How many callers in this process may wait for one key; 1,000 by default, at least 1. The next one gets
    /// <see cref="OperationInProgressException"/> at once.
    /// </summary>
    public int MaxWaitersPerKey { get; set; } = 1000;

    /// <summary>
    /// A secret of at least 16 bytes that turns the hash of a key into an HMAC-SHA-256, so that what is stored, logged or sent
    /// downstream reveals nothing even about arguments that are easy to guess. None by default. All processes that share a store
    /// need the same one; changing it starts a new key space.
    /// </summary>
    public byte[]? KeySecret { get; set; }

    /// <summary>
    /// The JSON contracts of results that are kept as bytes: add your <c>JsonSerializerContext</c>. They are asked in order;
    /// reflection answers last where the application allows it, which trimmed and AOT-compiled ones do not.
    /// </summary>
    public IList<IJsonTypeInfoResolver> JsonTypeInfoResolvers { get; } = [];

    /// <summary>Which exceptions are replayed as themselves when a failure was stored.</summary>
    public FailureOptions Failures { get; } = new();

    /// <summary>These options as they are now, so that nothing changes under a guard that was made with them.</summary>
    internal IdempotencyOptions Copy()
    {
        var copy = new IdempotencyOptions
        {
            DefaultTtl = DefaultTtl,
            DefaultLease = DefaultLease,
            DefaultWaitTimeout = DefaultWaitTimeout,
            StoreTimeout = StoreTimeout,
            ClaimTimeout = ClaimTimeout,
            ExecutionLimit = ExecutionLimit,
            BackgroundCompletion = BackgroundCompletion,
            OnLeaseLost = OnLeaseLost,
            MaxResultBytes = MaxResultBytes,
            MaxWaitersPerKey = MaxWaitersPerKey,
            KeySecret = KeySecret?.ToArray(),
        };
        foreach (var resolver in JsonTypeInfoResolvers)
        {
            copy.JsonTypeInfoResolvers.Add(resolver);
        }

        copy.Failures.AddAll(Failures);
        return copy;
    }

    /// <summary>What is wrong with these options, each as a sentence that names the option and its range.</summary>
    internal IEnumerable<string> Faults()
    {
        string?[] faults =
        [
            OutOfRange(nameof(DefaultTtl), DefaultTtl, LeastDuration, MaxTtl),
            OutOfRange(nameof(DefaultLease), DefaultLease, LeastDuration, MaxLease),
            OutOfRange(nameof(DefaultWaitTimeout), DefaultWaitTimeout, LeastDuration, MaxWaitTimeout),
            OutOfRange(nameof(StoreTimeout), StoreTimeout, LeastDuration, TimeSpan.FromHours(1)),
            OutOfRange(nameof(ClaimTimeout), ClaimTimeout, LeastDuration, TimeSpan.FromHours(1)),
            OutOfRange(nameof(ExecutionLimit), ExecutionLimit, LeastDuration, TimeSpan.FromDays(30)),
            OutOfRange(nameof(BackgroundCompletion), BackgroundCompletion, TimeSpan.Zero, TimeSpan.FromDays(1)),
            OutOfRange(nameof(MaxResultBytes), MaxResultBytes, 1, 1 << 30),
            OutOfRange(nameof(MaxWaitersPerKey), MaxWaitersPerKey, 1, int.MaxValue),
            Enum.IsDefined(OnLeaseLost) ? null : $"{nameof(IdempotencyOptions)}.{nameof(OnLeaseLost)} is {OnLeaseLost}; it must be Throw or ReturnStored.",
            KeySecret is null or { Length: >= 16 } ? null : $"{nameof(IdempotencyOptions)}.{nameof(KeySecret)} has {KeySecret.Length} bytes; it must have at least 16.",
        ];
        return faults.OfType<string>();
    }

    private static string? OutOfRange<T>(string option, T value, T least, T most)
        where T : IComparable<T> =>
        value.CompareTo(least) < 0 || value.CompareTo(most) > 0
            ? $"{nameof(IdempotencyOptions)}.{option} is {value}; it must be from {least} to {most}."
            : null;
}

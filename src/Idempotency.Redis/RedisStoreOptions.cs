namespace Idempotency;

/// <summary>How a <see cref="RedisStore"/> names its records, how long it waits, and what it makes sure of.</summary>
public sealed class RedisStoreOptions
{
    internal static readonly TimeSpan LeastDuration = TimeSpan.FromMilliseconds(1);

    /// <summary>
    /// What the names of all keys and of the channel begin with; <c>idempotency:</c> by default. From 1 to 100 characters without
    /// control characters and braces, which would decide where a cluster puts a key. Applications with different prefixes share nothing.
    /// </summary>
    public string KeyPrefix { get; set; } = "idempotency:";

    /// <summary>
    /// The number of the database; the connection's own by default. A cluster has only number 0.
    /// </summary>
    public int? Database { get; set; }

    /// <summary>
    /// The longest one command may take before its answer counts as lost; 5 seconds by default, from 1 millisecond to 1 hour. The
    /// client library never gives up on an asynchronous command by itself.
    /// </summary>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a freed key's record remains, so that late copies of ended calls change nothing; 10 minutes by default, from
    /// 1 millisecond to 1 day. The key can be claimed anew at once.
    /// </summary>
    public TimeSpan TombstoneRetention { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How often a waiter looks for itself, in case a message that should have woken it was lost; 1 second by default, from
    /// 1 millisecond to 1 hour.
    /// </summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Whether operations with <see cref="OnCrash.Hold"/> are refused when the server has lost what it kept: after FLUSHALL, a restart
    /// without persistence, or the promotion of an empty replica. Not by default. The store must be told once that its data is
    /// complete, with <see cref="RedisStore.AcceptDataAsync"/>. A loss of only the latest writes cannot be detected.
    /// </summary>
    public bool DetectDataLoss { get; set; }

    /// <summary>
    /// How many replicas must have a claim before the body runs, and an outcome before the call returns; 0 by default, which asks none,
    /// up to 100. Give the number of all replicas that may be promoted: fewer leaves one that may not have it. Every claim and outcome
    /// then waits for them on its connection. Not on a cluster.
    /// </summary>
    public int MinReplicas { get; set; }

    internal RedisStoreOptions Copy() => (RedisStoreOptions)MemberwiseClone();

    /// <summary>What is wrong with these options, each as a sentence that names the option and its range.</summary>
    internal IEnumerable<string> Faults()
    {
        if (KeyPrefix is not { Length: > 0 and <= 100 } || KeyPrefix.Any(static c => char.IsControl(c) || c is '{' or '}'))
        {
            yield return $"{nameof(RedisStoreOptions)}.{nameof(KeyPrefix)} must have from 1 to 100 characters, none of them a control character or a brace.";
        }

        if (Database < 0)
        {
            yield return $"{nameof(RedisStoreOptions)}.{nameof(Database)} is {Database}; it must not be negative.";
        }

        if (MinReplicas is < 0 or > 100)
        {
            yield return $"{nameof(RedisStoreOptions)}.{nameof(MinReplicas)} is {MinReplicas}; it must be from 0 to 100.";
        }

        string?[] durations =
        [
            OutOfRange(nameof(CommandTimeout), CommandTimeout, TimeSpan.FromHours(1)),
            OutOfRange(nameof(TombstoneRetention), TombstoneRetention, TimeSpan.FromDays(1)),
            OutOfRange(nameof(PollInterval), PollInterval, TimeSpan.FromHours(1)),
        ];
        foreach (var fault in durations.OfType<string>())
        {
            yield return fault;
        }
    }

    private static string? OutOfRange(string option, TimeSpan value, TimeSpan most) =>
        value < LeastDuration || value > most ? $"{nameof(RedisStoreOptions)}.{option} is {value}; it must be from {LeastDuration} to {most}." : null;
}

using System.Text.RegularExpressions;

namespace Idempotency;

/// <summary>Where a <see cref="DynamoDbStore"/> keeps its records, and how patient it is.</summary>
public sealed partial class DynamoDbStoreOptions
{
    /// <summary>
    /// The table's name or ARN; <c>idempotency</c> by default. Its partition key is the text <c>operation</c> and its sort key the text
    /// <c>key</c>; <see cref="DynamoDbStore.EnsureTableAsync"/> makes one.
    /// </summary>
    public string TableName { get; set; } = "idempotency";

    /// <summary>
    /// How long a freed key's record remains, so that late copies of ended calls change nothing; 10 minutes by default, from
    /// 1 millisecond to 1 day. The key can be claimed anew at once.
    /// </summary>
    public TimeSpan TombstoneRetention { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How often a record is looked at while somebody in this process waits for it; 500 milliseconds by default, from 10 milliseconds
    /// to 1 minute. All waiters of a key share one look, which costs what a consistent read of the item costs.
    /// </summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// The longest that one call of the store may take, the client's own repetitions included; 5 seconds by default, from
    /// 1 millisecond to 1 hour. What was sent by then may still be applied.
    /// </summary>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How far the wall clocks of the processes may differ; 5 seconds by default, from zero to 1 hour. Outcomes and freed keys are kept
    /// for so much longer than was asked for, because DynamoDB has no clock that could be asked: a process whose clock is ahead by
    /// more forgets outcomes early, and their bodies may run again. Leases do not depend on wall clocks.
    /// </summary>
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>What is wrong with these options, each as a sentence that names the option and its range.</summary>
    internal IEnumerable<string> Faults()
    {
        if (TableName is null || !(Name().IsMatch(TableName) || TableName.StartsWith("arn:", StringComparison.Ordinal)))
        {
            yield return $"{nameof(DynamoDbStoreOptions)}.{nameof(TableName)} is '{TableName}'; it must be 3 to 255 letters, digits, '_', '-' or '.', or the table's ARN.";
        }

        string?[] faults =
        [
            OutOfRange(nameof(TombstoneRetention), TombstoneRetention, TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1)),
            OutOfRange(nameof(PollInterval), PollInterval, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1)),
            OutOfRange(nameof(CommandTimeout), CommandTimeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1)),
            OutOfRange(nameof(ClockSkew), ClockSkew, TimeSpan.Zero, TimeSpan.FromHours(1)),
        ];
        foreach (var fault in faults.OfType<string>())
        {
            yield return fault;
        }
    }

    private static string? OutOfRange(string option, TimeSpan value, TimeSpan least, TimeSpan most) =>
        value < least || value > most ? $"{nameof(DynamoDbStoreOptions)}.{option} is {value}; it must be from {least} to {most}." : null;

    [GeneratedRegex(@"\A[A-Za-z0-9_.-]{3,255}\z")]
    private static partial Regex Name();
}

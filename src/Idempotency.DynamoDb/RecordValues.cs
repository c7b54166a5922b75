using System.Globalization;
using Amazon.DynamoDBv2.Model;
using Idempotency.Storage;

namespace Idempotency.DynamoDb;

/// <summary>The values that commands take, by their placeholders.</summary>
internal sealed class RecordValues
{
    /// <summary>
    /// How much later than a record's end DynamoDB may delete it: longer than AWS accepts a request after it was signed, so that no
    /// late copy of one finds its key without the record that refuses it.
    /// </summary>
    private static readonly TimeSpan s_lateRequests = TimeSpan.FromMinutes(20);

    private readonly Dictionary<string, AttributeValue> _values = new()
    {
        [":format"] = Of(StoredRecord.Format),
        [":zero"] = Of(0),
        [":one"] = Of(1),
        [":inProgress"] = Of(StoredRecord.StatusOf(RecordState.InProgress)),
        [":inDoubt"] = Of(StoredRecord.StatusOf(RecordState.InDoubt)),
        [":released"] = Of(StoredRecord.StatusOf(RecordState.Released)),
        [":ended"] = Of(""),
        [":fingerprint"] = Of(ReadOnlyMemory<byte>.Empty),
    };

    public Dictionary<string, AttributeValue> All => _values;

    public RecordValues Seen(StoredRecord? record) => record is null ? this : With(":seen", Of(record.Version));

    public RecordValues Next(long version) => With(":next", Of(version));

    public RecordValues Attempt(int attempt) => With(":attempt", Of(attempt));

    public RecordValues Owner(Ownership owner) => Token(owner.Token.ToString()).With(":fence", Of(owner.Fence));

    public RecordValues Token(string token) => With(":token", Of(token));

    public RecordValues Resolver(string token) => With(":resolver", Of(token));

    public RecordValues Ended(string tokens) => With(":ended", Of(tokens));

    public RecordValues Fingerprint(ReadOnlyMemory<byte> fingerprint) => With(":fingerprint", Of(fingerprint));

    public RecordValues Lease(TimeSpan lease) => With(":lease", Of(Math.Max(lease.Ticks, 0)));

    public RecordValues Now(DateTimeOffset now) => With(":now", Of(now.UtcTicks));

    public RecordValues Outcome(StoredOutcome outcome) => With(":result", Of(outcome.Payload))
        .With(":ended_as", Of(StoredRecord.StatusOf(outcome.IsFailure ? RecordState.Failed : RecordState.Completed)));

    /// <summary>When a record is over, and when it may be deleted: in whole seconds, rounded up.</summary>
    public RecordValues ExpiresAt(DateTimeOffset moment)
    {
        var deletable = After(moment, s_lateRequests).ToUnixTimeMilliseconds();
        return With(":expiresAt", Of(moment.UtcTicks)).With(":expiration", Of((deletable / 1000) + (deletable % 1000 > 0 ? 1 : 0)));
    }

    /// <summary>Saturates: a retention of any length is a moment that can be compared.</summary>
    public static DateTimeOffset After(DateTimeOffset moment, TimeSpan duration) =>
        duration > DateTimeOffset.MaxValue - moment ? DateTimeOffset.MaxValue : moment + duration;

    private static AttributeValue Of(long number) => new() { N = number.ToString(CultureInfo.InvariantCulture) };

    private static AttributeValue Of(string text) => new() { S = text };

    private static AttributeValue Of(ReadOnlyMemory<byte> bytes) => new() { B = new MemoryStream(bytes.ToArray(), writable: false) };

    private RecordValues With(string name, AttributeValue value)
    {
        _values[name] = value;
        return this;
    }
}
